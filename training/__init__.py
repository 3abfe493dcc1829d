"""Makes the voice and checks the bits: labelled notes to weights. No part of the package."""
