namespace Dashboard.Sqlite.Samples;

internal static class SampleSchema
{
    public const string Sql =
        """
        CREATE TABLE contracts (
            id INTEGER PRIMARY KEY,
            reference TEXT NOT NULL,
            title TEXT NOT NULL,
            party TEXT NOT NULL,
            status TEXT NOT NULL,
            starts_on TEXT NOT NULL,
            ends_on TEXT NOT NULL,
            value_cents INTEGER NOT NULL
        );
        CREATE TABLE metadata (
            id INTEGER PRIMARY KEY,
            contract_id INTEGER NOT NULL REFERENCES contracts (id),
            key TEXT NOT NULL,
            value TEXT NOT NULL
        );
        CREATE TABLE context (
            id INTEGER PRIMARY KEY,
            contract_id INTEGER NOT NULL REFERENCES contracts (id),
            note TEXT NOT NULL
        );
        CREATE TABLE assessments (
            id INTEGER PRIMARY KEY,
            contract_id INTEGER NOT NULL REFERENCES contracts (id),
            assessed_on TEXT NOT NULL,
            score INTEGER NOT NULL,
            summary TEXT NOT NULL
        );
        CREATE TABLE clauses (
            id INTEGER PRIMARY KEY,
            contract_id INTEGER NOT NULL REFERENCES contracts (id),
            number TEXT NOT NULL,
            topic TEXT NOT NULL,
            text TEXT NOT NULL
        );
        CREATE TABLE risk_assessments (
            id INTEGER PRIMARY KEY,
            assessment_id INTEGER NOT NULL REFERENCES assessments (id),
            level TEXT NOT NULL,
            reason TEXT NOT NULL
        );
        CREATE TABLE negotiations (
            id INTEGER PRIMARY KEY,
            contract_id INTEGER NOT NULL REFERENCES contracts (id),
            round INTEGER NOT NULL,
            held_on TEXT NOT NULL,
            outcome TEXT
        );
        CREATE TABLE documents (
            id INTEGER PRIMARY KEY,
            contract_id INTEGER NOT NULL REFERENCES contracts (id),
            file_name TEXT NOT NULL,
            kind TEXT NOT NULL,
            body TEXT NOT NULL
        );
        CREATE UNIQUE INDEX contracts_by_reference ON contracts (reference);
        CREATE INDEX contracts_by_party ON contracts (party);
        CREATE INDEX contracts_by_status ON contracts (status);
        CREATE INDEX contracts_by_end ON contracts (ends_on);
        CREATE INDEX metadata_by_contract ON metadata (contract_id);
        CREATE INDEX metadata_by_key ON metadata (key, value);
        CREATE INDEX context_by_contract ON context (contract_id);
        CREATE INDEX assessments_by_contract ON assessments (contract_id);
        CREATE INDEX assessments_by_day ON assessments (assessed_on);
        CREATE INDEX assessments_by_score ON assessments (score);
        CREATE INDEX clauses_by_contract ON clauses (contract_id, number);
        CREATE INDEX clauses_by_topic ON clauses (topic);
        CREATE INDEX risk_assessments_by_assessment ON risk_assessments (assessment_id);
        CREATE INDEX risk_assessments_by_level ON risk_assessments (level);
        CREATE INDEX negotiations_by_contract ON negotiations (contract_id, round);
        CREATE INDEX documents_by_contract ON documents (contract_id);
        CREATE INDEX documents_by_kind ON documents (kind);
        """;
}
