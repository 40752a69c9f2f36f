using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite;

namespace Dashboard.Workload;

/// <summary>The product's own backup, in a process of its own: as another user, or in a container, it sees less of the machine.</summary>
internal static class BackUp
{
    public static async Task<int> RunAsync(string db, string copy)
    {
        try
        {
            BackupContent content;
            await using (var artefact = File.Create(copy))
            {
                content = await new SqliteEngine(TimeProvider.System).WriteBackupAsync(db, new BackupStaging(copy + ".work", artefact), RunProgress.None, CancellationToken.None);
            }

            Console.WriteLine($"taken {content.Rows.Sum(table => table.Rows)} {string.Join(' ', content.Warnings.Concat(content.Notes))}");
        }
        catch (DatabaseException refused)
        {
            Console.WriteLine($"refused {refused.Message} {refused.NextStep}");
        }

        return 0;
    }
}
