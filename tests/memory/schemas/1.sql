-- A state file as schema version 1, the first that was shipped, wrote it: every state, an
-- undo that was begun, cursors, an approval. Never edited; tests/memory/test_schema.py opens it.
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE approvals (
        account TEXT PRIMARY KEY,
        moves INTEGER NOT NULL,
        asked REAL NOT NULL,
        granted REAL
    );
INSERT INTO "approvals" VALUES('main',700,1.77236640012345600132e+09,1.77236646012345600131e+09);
CREATE TABLE cursors (
        account TEXT NOT NULL,
        folder TEXT NOT NULL,
        uidvalidity INTEGER NOT NULL,
        last_uid INTEGER NOT NULL,
        PRIMARY KEY (account, folder)
    );
INSERT INTO "cursors" VALUES('main','INBOX',7,42);
INSERT INTO "cursors" VALUES('other','INBOX',8,1);
CREATE TABLE journal (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        run TEXT NOT NULL,
        time REAL NOT NULL,
        account TEXT NOT NULL,
        folder TEXT NOT NULL,
        uidvalidity INTEGER NOT NULL,
        uid INTEGER NOT NULL,
        message_id TEXT NOT NULL,
        header_sha256 TEXT NOT NULL,
        label TEXT NOT NULL,
        reading TEXT NOT NULL,
        verdict TEXT NOT NULL,
        actions TEXT NOT NULL,
        flags TEXT NOT NULL,
        labels TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('INTENDED', 'DONE', 'FAILED', 'UNDONE')),
        landed_folder TEXT,
        landed_uidvalidity INTEGER,
        landed_uid INTEGER,
        remark TEXT NOT NULL,
        mark_uidvalidity INTEGER,
        mark_uid INTEGER,
        undo_begun INTEGER NOT NULL DEFAULT 0
    );
INSERT INTO "journal" VALUES(1,'r1',1.77236646012345600131e+09,'main','INBOX',7,1,'1@example.org','hash-1','personal','{"what":"invitation","platform":"linkedin","kind":"invitation","inviter":{"name":"Ada Quill","headline":"Engineer","company":"Northwind","location":"Leeds","profile_url":"https://www.linkedin.com/in/ada-quill-12","mutual_connections":3},"note":"We met in Leeds.","shown":"whole","language":"en","platform_id":"17","template":"x","authentic":true,"warnings":[],"doubts":[],"readable":true}','{"label":"personal","probability":0.97,"because":[{"rule":"personal.met","says":"met you","points_to":"personal","bits":3.0,"quote":"met in Leeds","start":3,"end":15,"group":"met"}],"against":[],"ruleset":"abc","prior_bits":-1.0,"subtracted":[{"start":0,"end":2,"rule":"greeting"}],"why":"says that you met"}','[{"do":"flag","name":"\\Flagged"},{"do":"move","to":"Invitations/Generic"}]','["\\Seen"]','["Mine"]','DONE','Invitations/Generic',9,1,'',NULL,NULL,0);
INSERT INTO "journal" VALUES(2,'r1',1.77236652012345600125e+09,'main','INBOX',7,2,'2@example.org','hash-2','generic','{"what":"not-invitation","reason":"poses as a mail of LinkedIn","platform":"linkedin","authentic":false,"warnings":[]}','{"label":"generic","probability":0.9,"because":[],"against":[],"ruleset":"","prior_bits":0.0,"subtracted":[],"why":""}','[{"do":"flag","name":"\\Flagged"},{"do":"move","to":"Invitations/Generic"}]','["\\Seen"]','["Mine"]','DONE','Invitations/Generic',9,2,'',NULL,NULL,1);
INSERT INTO "journal" VALUES(3,'r1',1.7723665801234560012e+09,'main','INBOX',7,3,'3@example.org','hash-3','generic','{"what":"invitation","platform":"example","kind":"invitation","inviter":{"name":null,"headline":null,"company":null,"location":null,"profile_url":null,"mutual_connections":null},"note":"a note\ud83d of \u001b[31m words","shown":"whole","language":null,"platform_id":null,"template":null,"authentic":null,"warnings":[],"doubts":[],"readable":true}','{"label":"generic","probability":0.9,"because":[],"against":[],"ruleset":"","prior_bits":0.0,"subtracted":[],"why":""}','[{"do":"flag","name":"\\Flagged"},{"do":"move","to":"Invitations/Generic"}]','["\\Seen"]','["Mine"]','FAILED',NULL,NULL,NULL,'gone',NULL,NULL,0);
INSERT INTO "journal" VALUES(4,'r1',1.77236664012345600128e+09,'main','INBOX',7,4,'4@example.org','hash-4','generic','{"what":"invitation","platform":"example","kind":"invitation","inviter":{"name":null,"headline":null,"company":null,"location":null,"profile_url":null,"mutual_connections":null},"note":"a note\ud83d of \u001b[31m words","shown":"whole","language":null,"platform_id":null,"template":null,"authentic":null,"warnings":[],"doubts":[],"readable":true}','{"label":"generic","probability":0.9,"because":[],"against":[],"ruleset":"","prior_bits":0.0,"subtracted":[],"why":""}','[{"do":"flag","name":"\\Flagged"},{"do":"move","to":"Invitations/Generic"}]','["\\Seen"]','["Mine"]','UNDONE','Invitations/Generic',9,4,'',NULL,NULL,0);
INSERT INTO "journal" VALUES(5,'r1',1.77236670012345600127e+09,'main','INBOX',7,5,'5@example.org','hash-5','generic','{"what":"invitation","platform":"example","kind":"invitation","inviter":{"name":null,"headline":null,"company":null,"location":null,"profile_url":null,"mutual_connections":null},"note":"a note\ud83d of \u001b[31m words","shown":"whole","language":null,"platform_id":null,"template":null,"authentic":null,"warnings":[],"doubts":[],"readable":true}','{"label":"generic","probability":0.9,"because":[],"against":[],"ruleset":"","prior_bits":0.0,"subtracted":[],"why":""}','[{"do":"flag","name":"\\Flagged"},{"do":"move","to":"Invitations/Generic"}]','["\\Seen"]','["Mine"]','INTENDED',NULL,NULL,NULL,'',9,77,0);
INSERT INTO "journal" VALUES(6,'r1',1.77236676012345600126e+09,'main','INBOX',7,6,'6@example.org','hash-6','generic','{"what":"invitation","platform":"example","kind":"invitation","inviter":{"name":null,"headline":null,"company":null,"location":null,"profile_url":null,"mutual_connections":null},"note":"a note\ud83d of \u001b[31m words","shown":"whole","language":null,"platform_id":null,"template":null,"authentic":null,"warnings":[],"doubts":[],"readable":true}','{"label":"generic","probability":0.9,"because":[],"against":[],"ruleset":"","prior_bits":0.0,"subtracted":[],"why":""}','[{"do":"flag","name":"\\Flagged"},{"do":"move","to":"Invitations/Generic"}]','["\\Seen"]','["Mine"]','INTENDED',NULL,NULL,NULL,'',NULL,NULL,0);
CREATE INDEX journal_identity ON journal (account, header_sha256, message_id);
CREATE INDEX journal_time ON journal (time);
CREATE INDEX journal_run ON journal (run);
CREATE INDEX journal_open ON journal (account) WHERE state = 'INTENDED' OR undo_begun;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('journal',6);
COMMIT;
