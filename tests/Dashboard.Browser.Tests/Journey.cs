using Dashboard.Serving;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using Xunit;

namespace Dashboard.Browser.Tests;

/// <summary>A person's way through the real product: a real server, a real Chromium, real files in a folder of their own.</summary>
public abstract class Journey : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dashboard-journey-");
    private readonly List<string> _console = [];
    private IPlaywright? _playwright;
    private IBrowser? _chromium;
    private DashboardServer? _server;

    protected string Folder => _folder.FullName;

    protected DashboardServer Server => _server!;

    /// <summary>Settings of the server, beyond the defaults.</summary>
    protected virtual (string Key, string Value)[] Settings => [];

    public async ValueTask InitializeAsync()
    {
        _server = await DashboardServer.StartAsync(Path.Combine(Folder, "data"), Settings);
        _playwright = await Playwright.CreateAsync();

        // How long is waited for what comes anyway; a machine with other work to do is slow, not wrong.
        Assertions.SetDefaultExpectTimeout(20_000);
        _chromium = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
        {
            await _chromium.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A new browser with its own cookies, on a page that is alive.</summary>
    protected async Task<IPage> OpenAsync(string path = "/", ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 900)
    {
        var context = await _chromium!.NewContextAsync(new()
        {
            BaseURL = Server.Address,
            ColorScheme = scheme,
            ViewportSize = new() { Width = width, Height = height },
            TimezoneId = "Europe/Berlin",
            Locale = "en-GB",
        });
        context.SetDefaultTimeout(20_000);
        await context.AddCookiesAsync([new() { Name = Server.Cookie.Name, Value = Server.Cookie.Value, Url = Server.Address, HttpOnly = true, SameSite = SameSiteAttribute.Lax }]);
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            // A server that is down on purpose is refused; every other word of the console counts.
            if (message.Type is "error" or "warning" && !message.Text.Contains("ERR_CONNECTION_REFUSED", StringComparison.Ordinal) && !message.Text.Contains("WebSocket", StringComparison.Ordinal))
            {
                Complain(message.Text);
            }
        };
        page.PageError += (_, message) => Complain(message);
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
            {
                Complain($"{response.Status} {response.Url}");
            }
        };
        await page.GotoAsync(path);
        await AliveAsync(page);
        return page;
    }

    /// <summary>A page of a browser that was not let in, on no address yet. What it is refused is no fault, so its console is not watched.</summary>
    protected async Task<IPage> StrangerAsync()
    {
        var context = await _chromium!.NewContextAsync();
        context.SetDefaultTimeout(20_000);
        return await context.NewPageAsync();
    }

    /// <summary>The circuit stands: a click now reaches the server.</summary>
    protected static async Task AliveAsync(IPage page) => await page.Locator("html[data-alive]").WaitForAsync(new() { State = WaitForSelectorState.Attached });

    protected static async Task GoAsync(IPage page, string path)
    {
        ArgumentNullException.ThrowIfNull(page);
        await page.GotoAsync(path);
        await AliveAsync(page);
    }

    /// <summary>Leaves a picture for a person to look at.</summary>
    protected static async Task ShowAsync(IPage page, string name)
    {
        ArgumentNullException.ThrowIfNull(page);
        await page.ScreenshotAsync(new() { Path = Path.Combine(Screens.Folder, name + ".png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
    }

    /// <summary>No finding of axe, and nothing in the console so far.</summary>
    protected static async Task AccessibleAsync(IPage page, string name)
    {
        // Colours are judged once they stand still.
        await page.EvaluateAsync("() => Promise.all(document.getAnimations().filter(a => a.effect?.getTiming().iterations !== Infinity).map(a => a.finished.catch(() => {})))");

        // A message that begins to fade while axe looks is as pale as it says; so it stays as it is until axe has looked.
        await page.EvaluateAsync(
            """
            () => {
                const still = new CSSStyleSheet();
                still.replaceSync(".mud-snackbar { animation: none !important; opacity: 1 !important; }");
                document.adoptedStyleSheets = [still];
            }
            """);
        var result = await page.RunAxe(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } });
        await page.EvaluateAsync("() => { document.adoptedStyleSheets = []; }");
        Assert.True(result.Violations.Length == 0, $"{name}: " + string.Join("\n", result.Violations.Select(finding => $"{finding.Id}: {finding.Help}\n  {string.Join("\n  ", finding.Nodes.Select(node => node.Html))}")));
    }

    protected void ConsoleIsClean()
    {
        lock (_console)
        {
            Assert.Empty(_console);
        }
    }

    /// <summary>A database of somebody's application.</summary>
    protected string NewDatabase(string name, string sql, string journal = "wal")
    {
        var file = Path.Combine(Folder, name);
        Execute(file, $"PRAGMA journal_mode={journal};");
        Execute(file, sql);
        return file;
    }

    /// <summary>Some weight, so that a bar has time to be seen.</summary>
    protected string HeavyDatabase(string name, int megabytes) => NewDatabase(
        name,
        $"""
        CREATE TABLE orders(id INTEGER PRIMARY KEY, item TEXT NOT NULL);
        CREATE TABLE files(id INTEGER PRIMARY KEY, body BLOB NOT NULL);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO orders SELECT i, 'item ' || i FROM n;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {megabytes * 100}) INSERT INTO files SELECT i, randomblob(10000) FROM n;
        """);

    protected static void Execute(string file, string sql)
    {
        using var connection = Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    protected static long Count(string file, string sql)
    {
        using var connection = Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private void Complain(string message)
    {
        lock (_console)
        {
            _console.Add(message);
        }
    }
}

internal static class Screens
{
    /// <summary>tests/.screens of the checkout, which git ignores.</summary>
    public static string Folder { get; } = Directory.CreateDirectory(Path.Combine(Root(), "tests", ".screens")).FullName;

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Dashboard.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of a checkout.");
        }

        return folder.FullName;
    }
}
