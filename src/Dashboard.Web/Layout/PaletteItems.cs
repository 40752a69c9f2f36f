using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;

namespace Dashboard.Web.Layout;

/// <summary>What one line of the palette does.</summary>
public enum PaletteAct
{
    Open,
    BackUp,
    SwitchTheme,
    ShowKeys,
}

/// <param name="Hint">What it is, at the end of the line: "Database", "Page".</param>
/// <param name="Also">Other words that find it.</param>
/// <param name="Target">An address, or for an act what it is about.</param>
public sealed record PaletteItem(PaletteAct Act, string Label, string Hint, string Icon, string Target, Database? Database = null, string Also = "");

/// <summary>What the palette offers, in its order: databases, then what can be done, then pages. Pure.</summary>
public static class PaletteItems
{
    /// <summary>As many as are seen without scrolling far.</summary>
    private const int Most = 12;

    /// <summary>From this length on a word may stand inside another; shorter ones begin one, so that "b shop" is no riddle.</summary>
    private const int Inside = 3;

    public static IEnumerable<PaletteItem> All(IReadOnlyList<Database> databases, IReadOnlyList<LiveRun> running)
    {
        ArgumentNullException.ThrowIfNull(databases);
        ArgumentNullException.ThrowIfNull(running);
        return
        [
            .. databases.Select(database => new PaletteItem(PaletteAct.Open, database.Name, "Database", MudBlazor.Icons.Material.Outlined.Storage, Urls.ForDatabase(database.Slug), database, "open " + database.Location)),
            .. running.Select(run => new PaletteItem(PaletteAct.Open, run.Title, "Running", MudBlazor.Icons.Material.Outlined.Sync, Urls.ForRun(run.Id), null, "run running")),
            .. databases.Select(database => new PaletteItem(PaletteAct.BackUp, $"Back up {database.Name}", "Action", MudBlazor.Icons.Material.Outlined.CloudUpload, database.Slug, database, "backup now")),
            .. databases.Select(database => new PaletteItem(PaletteAct.Open, $"Restore {database.Name}…", "Action", MudBlazor.Icons.Material.Outlined.SettingsBackupRestore, Urls.ForDatabaseBackups(database.Slug), database, "backups undo")),
            .. databases.Select(database => new PaletteItem(PaletteAct.Open, $"Health of {database.Name}", "Page", MudBlazor.Icons.Material.Outlined.MonitorHeart, Urls.ForHealth(database.Slug), database, "checks strip")),
            .. databases.Select(database => new PaletteItem(PaletteAct.Open, $"Tables of {database.Name}", "Page", MudBlazor.Icons.Material.Outlined.TableRows, Urls.ForTables(database.Slug), database, "rows sizes")),
            .. databases.Select(database => new PaletteItem(PaletteAct.Open, $"Indexes of {database.Name}", "Page", MudBlazor.Icons.Material.Outlined.AccountTree, Urls.ForIndexes(database.Slug), database, "duplicate needless")),
            new(PaletteAct.Open, "Add database", "Action", MudBlazor.Icons.Material.Outlined.Add, Urls.AddDatabase, null, "new register"),
            new(PaletteAct.SwitchTheme, "Switch theme", "Action", MudBlazor.Icons.Material.Outlined.Contrast, "", null, "light dark look"),
            new(PaletteAct.ShowKeys, "Show the keys", "Action", MudBlazor.Icons.Material.Outlined.Keyboard, "", null, "help shortcuts"),
            new(PaletteAct.Open, "Fleet", "Page", MudBlazor.Icons.Material.Outlined.GridView, Urls.Fleet, null, "databases home overview"),
            new(PaletteAct.Open, "Backups", "Page", MudBlazor.Icons.Material.Outlined.Inventory2, Urls.Backups, null, "inventory restore"),
            new(PaletteAct.Open, "Health of this installation", "Page", MudBlazor.Icons.Material.Outlined.MonitorHeart, Urls.InstallationHealth, null, "checks services"),
            new(PaletteAct.Open, "Activity", "Page", MudBlazor.Icons.Material.Outlined.Timeline, Urls.Activity, null, "runs jobs log"),
            new(PaletteAct.Open, "Settings", "Page", MudBlazor.Icons.Material.Outlined.Settings, Urls.Settings, null, "folder compression version"),
        ];
    }

    /// <summary>Those that every typed word fits, in any order. A word that begins the label comes before one that stands inside it.</summary>
    public static IReadOnlyList<PaletteItem> Find(IEnumerable<PaletteItem> items, string typed)
    {
        ArgumentNullException.ThrowIfNull(items);
        var words = Split(typed);
        if (words.Length == 0)
        {
            return [.. FewOfEach(items)];
        }

        return
        [
            .. items.Select(item => (item, score: Score(item, words)))
                .Where(match => match.score > 0)
                .OrderByDescending(match => match.score)
                .Select(match => match.item)
                .Take(Most),
        ];
    }

    /// <summary>Nothing typed: a few databases, and all that is not about one.</summary>
    private static IEnumerable<PaletteItem> FewOfEach(IEnumerable<PaletteItem> items)
    {
        var all = items.ToList();
        var general = all.Where(item => item.Database is null).ToList();
        var databases = all.Where(item => item is { Database: not null, Hint: "Database" }).Take(Math.Max(3, Most - general.Count)).ToHashSet();
        return all.Where(item => item.Database is null || databases.Contains(item));
    }

    /// <summary>0 when a word fits nowhere; 3 when all fit the label's words, less when one is found elsewhere.</summary>
    private static int Score(PaletteItem item, string[] words)
    {
        var label = Split(item.Label);
        var also = Split(item.Also);
        var least = 3;
        foreach (var word in words)
        {
            var score = label.Any(one => one.StartsWith(word, StringComparison.OrdinalIgnoreCase)) ? 3
                : word.Length >= Inside && item.Label.Contains(word, StringComparison.OrdinalIgnoreCase) ? 2
                : also.Any(one => one.StartsWith(word, StringComparison.OrdinalIgnoreCase)) || (word.Length >= Inside && item.Also.Contains(word, StringComparison.OrdinalIgnoreCase)) ? 1
                : 0;
            least = Math.Min(least, score);
        }

        return least;
    }

    private static string[] Split(string text) => text.Split([' ', '-', '_', '.', '…', '/'], StringSplitOptions.RemoveEmptyEntries);
}
