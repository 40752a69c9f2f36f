using Dashboard.EngineSpecs;
using Dashboard.Sqlite.Tests.Metrics;

namespace Dashboard.Sqlite.Tests.Specs;

public sealed class WalBackupSpecs() : BackupSpecs(new SqliteHarness("wal"));

public sealed class RollbackBackupSpecs() : BackupSpecs(new SqliteHarness("delete"));

public sealed class WalRestoreSpecs() : RestoreSpecs(new SqliteHarness("wal"));

public sealed class RollbackRestoreSpecs() : RestoreSpecs(new SqliteHarness("delete"));

public sealed class WalStateSpecs() : StateSpecs(new SqliteHarness("wal"));

public sealed class RollbackStateSpecs() : StateSpecs(new SqliteHarness("delete"));

public sealed class WalTableSpecs() : TableSpecs(new SqliteHarness("wal"));

public sealed class RollbackTableSpecs() : TableSpecs(new SqliteHarness("delete"));

public sealed class WalMaintenanceSpecs() : MaintenanceSpecs(new SqliteHarness("wal"));

public sealed class RollbackMaintenanceSpecs() : MaintenanceSpecs(new SqliteHarness("delete"));

public sealed class WalRetentionSpecs() : RetentionSpecs(new SqliteHarness("wal"));

public sealed class RollbackRetentionSpecs() : RetentionSpecs(new SqliteHarness("delete"));

public sealed class SqliteIndexSpecs() : IndexSpecs(new SqliteHarness());

public sealed class SqliteCopySpecs() : CopySpecs(new SqliteHarness());

public sealed class SqliteLocationSpecs() : LocationSpecs(new SqliteHarness());

public sealed class SqliteSampleStoreSpecs() : SampleStoreSpecs(new SqliteStoreHarness());

public sealed class WalHealthSpecs() : HealthSpecs(new SqliteHarness("wal"));

public sealed class RollbackHealthSpecs() : HealthSpecs(new SqliteHarness("delete"));

public sealed class SqliteEmptyDatabaseSpecs() : EmptyDatabaseSpecs(new SqliteHarness());
