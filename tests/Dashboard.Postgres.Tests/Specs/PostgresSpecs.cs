using Dashboard.EngineSpecs;
using Dashboard.Postgres.Tests.Server;
using Xunit;

namespace Dashboard.Postgres.Tests.Specs;

public sealed class PostgresBackupSpecs() : BackupSpecs(new PostgresHarness());

public sealed class PostgresRestoreSpecs() : RestoreSpecs(new PostgresHarness());

public sealed class PostgresStateSpecs() : StateSpecs(new PostgresHarness());

[Collection(QuietServer.Name)]
public sealed class PostgresTableSpecs() : TableSpecs(new PostgresHarness());

public sealed class PostgresMaintenanceSpecs() : MaintenanceSpecs(new PostgresHarness());

public sealed class PostgresRetentionSpecs() : RetentionSpecs(new PostgresHarness());

public sealed class PostgresIndexSpecs() : IndexSpecs(new PostgresHarness());

public sealed class PostgresCopySpecs() : CopySpecs(new PostgresHarness());

public sealed class PostgresLocationSpecs() : LocationSpecs(new PostgresHarness());

public sealed class PostgresHealthSpecs() : HealthSpecs(new PostgresHarness());

public sealed class PostgresEmptyDatabaseSpecs() : EmptyDatabaseSpecs(new PostgresHarness());
