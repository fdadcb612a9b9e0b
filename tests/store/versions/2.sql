BEGIN TRANSACTION;
CREATE TABLE artifact (
	digest VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	types JSON NOT NULL, 
	evicted DATETIME, 
	PRIMARY KEY (digest)
);
INSERT INTO "artifact" VALUES('abababababababababababababababababababababababababababababababab',5,'','{"x": "builtins.bytes"}',NULL);
CREATE TABLE event (
	id INTEGER NOT NULL, 
	execution VARCHAR NOT NULL, 
	artifact VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(execution) REFERENCES execution (id) ON DELETE CASCADE, 
	FOREIGN KEY(artifact) REFERENCES artifact (digest)
);
INSERT INTO "event" VALUES(1,'e1','abababababababababababababababababababababababababababababababab','x','output');
INSERT INTO "event" VALUES(2,'e2','abababababababababababababababababababababababababababababababab','x','input');
CREATE TABLE execution (
	id VARCHAR NOT NULL, 
	run VARCHAR NOT NULL, 
	step VARCHAR NOT NULL, 
	attempt INTEGER NOT NULL, 
	status VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	started DATETIME NOT NULL, 
	ended DATETIME, 
	seconds FLOAT NOT NULL, 
	failure JSON NOT NULL, 
	metrics JSON NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(run) REFERENCES run (id) ON DELETE CASCADE
);
INSERT INTO "execution" VALUES('e1','20260101-000000-abcd','load',1,'succeeded','','2026-11-26 19:21:14.921513','2026-11-26 19:21:15.421513',0.5,'{}','{"rows": 3}');
INSERT INTO "execution" VALUES('e2','20260101-000000-abcd','fit',1,'failed','','2026-11-26 19:21:13.923327','2026-11-26 19:21:15.423327',1.5,'{"ename": "E"}','{}');
CREATE TABLE experiment (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "experiment" VALUES(1,'p');
CREATE TABLE run (
	id VARCHAR NOT NULL, 
	experiment INTEGER NOT NULL, 
	pipeline VARCHAR NOT NULL, 
	notebook VARCHAR, 
	engine VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	started DATETIME NOT NULL, 
	ended DATETIME, 
	parameters JSON NOT NULL, 
	definition JSON NOT NULL, 
	metrics JSON NOT NULL, 
	report JSON NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(experiment) REFERENCES experiment (id)
);
INSERT INTO "run" VALUES('20260101-000000-abcd',1,'p','p.ipynb','local','failed','2026-11-26 19:21:15.408426','2026-11-26 19:21:15.429124','{"n": 1}','{"steps": []}','{"f1": 0.5}','{"a": 1}');
CREATE INDEX ix_run_status ON run (status);
CREATE INDEX ix_run_started ON run (started);
CREATE INDEX ix_run_experiment ON run (experiment);
CREATE INDEX ix_execution_run ON execution (run);
CREATE INDEX ix_event_execution ON event (execution);
CREATE INDEX ix_event_artifact ON event (artifact);
COMMIT;
PRAGMA user_version = 2;
