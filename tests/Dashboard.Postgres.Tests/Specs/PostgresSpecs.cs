using Dashboard.EngineSpecs;

namespace Dashboard.Postgres.Tests.Specs;

public sealed class PostgresBackupSpecs() : BackupSpecs(new PostgresHarness());

public sealed class PostgresRestoreSpecs() : RestoreSpecs(new PostgresHarness());

public sealed class PostgresStateSpecs() : StateSpecs(new PostgresHarness());

public sealed class PostgresTableSpecs() : TableSpecs(new PostgresHarness());

public sealed class PostgresCopySpecs() : CopySpecs(new PostgresHarness());

public sealed class PostgresLocationSpecs() : LocationSpecs(new PostgresHarness());
