using Dashboard.EngineSpecs;

namespace Dashboard.Postgres.Tests.Metrics;

public sealed class PostgresSampleStoreSpecs() : SampleStoreSpecs(new PostgresStoreHarness());
