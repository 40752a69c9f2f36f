namespace Dashboard.Core.Jobs;

/// <summary>Keys of the jobs, for whoever asks for one or filters by one.</summary>
public static class JobKeys
{
    public const string Backup = "backup";
    public const string CheckBackup = "check-backup";
    public const string Restore = "restore";
    public const string Undo = "undo";
    public const string RestoreCopy = "restore-copy";
    public const string Maintenance = "maintenance";
    public const string Health = "health";
    public const string Retention = "retention";
    public const string RemoveOrphans = "remove-orphans";
    public const string CreateIndex = "create-index";
    public const string DropIndex = "drop-index";
    public const string RestoreForeign = "restore-foreign";
    public const string RestoreForeignAsNew = "restore-foreign-new";
}
