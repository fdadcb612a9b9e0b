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
CREATE TABLE cache (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	execution VARCHAR NOT NULL, 
	pipeline VARCHAR NOT NULL, 
	step VARCHAR NOT NULL, 
	volatile VARCHAR NOT NULL, 
	code JSON NOT NULL, 
	dependencies JSON NOT NULL, 
	written JSON NOT NULL, 
	boot VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(execution) REFERENCES execution (id) ON DELETE CASCADE
);
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
	cached_from VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(run) REFERENCES run (id) ON DELETE CASCADE
);
INSERT INTO "execution" VALUES('e1','20260101-000000-abcd','load',1,'succeeded','','2026-11-26 19:26:12.122223','2026-11-26 19:26:12.622223',0.5,'{}','{"rows": 3}','');
INSERT INTO "execution" VALUES('e2','20260101-000000-abcd','fit',1,'failed','','2026-11-26 19:26:11.125779','2026-11-26 19:26:12.625779',1.5,'{"ename": "E"}','{}','');
CREATE TABLE experiment (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "experiment" VALUES(1,'p');
CREATE TABLE file (
	path VARCHAR NOT NULL, 
	stamp JSON NOT NULL, 
	digest VARCHAR NOT NULL, 
	PRIMARY KEY (path)
);
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
INSERT INTO "run" VALUES('20260101-000000-abcd',1,'p','p.ipynb','local','failed','2026-11-26 19:26:12.613807','2026-11-26 19:26:12.627141','{"n": 1}','{"steps": []}','{"f1": 0.5}','{"a": 1}');
CREATE INDEX ix_run_experiment ON run (experiment);
CREATE INDEX ix_run_status ON run (status);
CREATE INDEX ix_run_started ON run (started);
CREATE INDEX ix_execution_run ON execution (run);
CREATE INDEX ix_event_artifact ON event (artifact);
CREATE INDEX ix_event_execution ON event (execution);
CREATE INDEX ix_cache_key ON cache ("key");
CREATE INDEX ix_cache_pipeline ON cache (pipeline);
CREATE INDEX ix_cache_execution ON cache (execution);
COMMIT;
PRAGMA user_version = 3;
