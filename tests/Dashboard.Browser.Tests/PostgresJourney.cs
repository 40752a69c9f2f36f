using System.Globalization;
using Dashboard.Postgres.Tests.Server;
using Microsoft.Playwright;
using Npgsql;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

/// <summary>A database on a real server, with a login that has what it needs and no more.</summary>
public sealed class PostgresJourney : Journey
{
    private const string Canary = "Ca:na\\ry@1";
    private const string KeeperCanary = "Ke:ep\\er@2";

    private readonly string _name = $"shop_{Guid.NewGuid().ToString("N")[..8]}";

    protected override (string Key, string Value)[] Settings => [("Sample", "false"), ("MetricsSeconds", "5")];

    [Fact]
    public async Task A_database_is_added_watched_backed_up_restored_and_the_restore_undone()
    {
        await MakeAsync();
        try
        {
            var page = await OpenAsync("/databases/add");
            await page.GetByText("PostgreSQL", new() { Exact = true }).ClickAsync();
            await page.GetByLabel("Connection string or URL").FillAsync(Url());
            await Expect(page.GetByText("Builds the new database beside")).ToBeVisibleAsync();
            await Expect(page.GetByLabel("Connection string or URL")).ToHaveValueAsync("");
            await Expect(page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync(_name);
            await ShowAsync(page, "postgres-add");
            await AccessibleAsync(page, "add PostgreSQL");

            await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
            await Expect(page.GetByText("read back and its structure checked")).ToBeVisibleAsync();
            await Expect(page.Locator("[data-fact=connections]")).ToBeVisibleAsync();
            await ShowAsync(page, "postgres-overview");
            await AccessibleAsync(page, "overview of PostgreSQL");

            await SeeChangesAsync(page);
            await RestoreAndUndoAsync(page);
            await RestoreForeignAsync(page);
            await RestoreAsAnotherAsync(page);

            var phone = await OpenAsync($"/databases/{Slug}/backups", ColorScheme.Dark, width: 390, height: 844);
            await Expect(phone.GetByRole(AriaRole.Heading, new() { Name = "Kept beside" })).ToBeVisibleAsync();
            await ShowAsync(phone, "postgres-backups-phone-dark");
            await AccessibleAsync(phone, "backups of PostgreSQL on a phone");
            AssertNoCanary(await page.ContentAsync());
            ConsoleIsClean();
        }
        finally
        {
            await CleanAsync();
        }
    }

    [Fact]
    public async Task A_server_that_is_not_there_and_a_wrong_password_are_said_in_words_while_somebody_types()
    {
        await MakeAsync();
        try
        {
            var page = await OpenAsync("/databases/add");
            await page.GetByText("PostgreSQL", new() { Exact = true }).ClickAsync();
            await page.GetByLabel("Connection string or URL").FillAsync(Url());
            await Expect(page.GetByText("Reads every table.")).ToBeVisibleAsync();

            await page.Locator("#location-password").FillAsync("wrong");
            await Expect(page.GetByText("refused the password")).ToBeVisibleAsync();
            await page.Locator("#location-port").FillAsync("1");
            await Expect(page.GetByText("Nothing listens on")).ToBeVisibleAsync();
            await page.Locator("#location-host").FillAsync("no-such-machine.invalid");
            await Expect(page.GetByText("There is no machine called")).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "There is no machine called" })).ToBeVisibleAsync();
            await AccessibleAsync(page, "a refused server");
            ConsoleIsClean();
        }
        finally
        {
            await CleanAsync();
        }
    }

    private string Slug => _name.Replace('_', '-');

    private async Task SeeChangesAsync(IPage page)
    {
        await GoAsync(page, $"/databases/{Slug}/tables");
        var orders = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "orders" });
        await Expect(orders).ToContainTextAsync("2,000");
        await ExecuteAsync("INSERT INTO orders SELECT i, 1, 'late' FROM generate_series(2001, 2037) i");
        await Expect(orders).ToContainTextAsync("2,037");
        await ShowAsync(page, "postgres-tables");
        await AccessibleAsync(page, "tables of PostgreSQL");

        await GoAsync(page, $"/databases/{Slug}/indexes");
        await Expect(page.GetByText("primary key of orders")).ToBeVisibleAsync();
        await ExecuteAsync("CREATE INDEX orders_by_customer ON orders (customer)");
        await Expect(page.GetByText("joins orders to customers")).ToBeVisibleAsync();
        await ShowAsync(page, "postgres-indexes");
        await AccessibleAsync(page, "indexes of PostgreSQL");

        await GoAsync(page, $"/databases/{Slug}/indexes?sort=used");
        await Expect(page.GetByText("primary key of orders")).ToBeVisibleAsync();
        await ShowAsync(page, "postgres-indexes-by-use");
        await AccessibleAsync(page, "indexes of PostgreSQL by their use");

        await GoAsync(page, $"/databases/{Slug}/settings");
        await Expect(page.GetByText("New databases of this server join by themselves")).ToBeVisibleAsync();
        await ShowAsync(page, "postgres-settings");
        await AccessibleAsync(page, "settings of a database of PostgreSQL");
    }

    private async Task RestoreAndUndoAsync(IPage page)
    {
        await GoAsync(page, $"/databases/{Slug}/backups");
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Restore the backup") }).ClickAsync();
        await Expect(page.GetByText("37 rows that were added since go away.")).ToBeVisibleAsync();
        await Expect(page.GetByText("Then sessions are ended and the names change")).ToBeVisibleAsync();
        await ShowAsync(page, "postgres-plan");
        await AccessibleAsync(page, "plan of PostgreSQL");

        await page.Locator("[data-restore]").ClickAsync();
        await Expect(page.GetByText("It can be undone.").First).ToBeVisibleAsync();
        Assert.Equal("2000", await AskAsync("SELECT count(*)::text FROM orders"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Undo the restore" }).ClickAsync();
        await Expect(page.GetByText("The content of before the restore is back").First).ToBeVisibleAsync();
        Assert.Equal("2037", await AskAsync("SELECT count(*)::text FROM orders"));

        // The size of the chart is that of the file system, and moves with it.
        await GoAsync(page, $"/databases/{Slug}?range=1h");
        await Expect(page.GetByText("On disk: from")).ToBeVisibleAsync();
    }

    /// <summary>An archive that somebody brings: uploaded, looked at, its danger read, the name typed.</summary>
    private async Task RestoreForeignAsync(IPage page)
    {
        var brought = Path.Combine(Path.GetTempPath(), $"{_name}-somebody.dump.zst");
        File.Copy(Directory.EnumerateFiles(Path.Combine(Server.DataFolder, "backups", Slug), "*.dump.zst").First(), brought);
        try
        {
            await GoAsync(page, $"/databases/{Slug}/backups");
            await page.GetByRole(AriaRole.Link, new() { Name = "Restore a foreign archive" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Give the dump" })).ToBeVisibleAsync();
            await AccessibleAsync(page, "giving a foreign archive");
            await page.Locator("#foreign-file").SetInputFilesAsync(brought);
            await page.Locator("[data-upload]").ClickAsync();
            await Expect(page.GetByText("An archive can run code.")).ToBeVisibleAsync();
            await ShowAsync(page, "postgres-foreign");
            await AccessibleAsync(page, "a foreign archive");

            await page.GetByLabel("Name of the database").FillAsync(_name);
            await page.Locator("[data-replace]").ClickAsync();
            await Expect(page.GetByText("It can be undone.").First).ToBeVisibleAsync();
            Assert.Equal("2000", await AskAsync("SELECT count(*)::text FROM orders"));
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(Server.DataFolder, "foreign")));
        }
        finally
        {
            File.Delete(brought);
        }
    }

    /// <summary>The registered login may not make databases any more: another one is given for this restore, and undoes it without being given again.</summary>
    private async Task RestoreAsAnotherAsync(IPage page)
    {
        await ExecuteAsync($"ALTER TABLE orders OWNER TO {_name}_keeper; GRANT SELECT ON orders TO {_name}");
        await GoAsync(page, $"/databases/{Slug}/backups");

        // What a plan says is asked of the backup: one that was taken before knows nothing of the new owner.
        var restores = page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Restore the backup") });
        await Expect(restores).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Back up now" }).First.ClickAsync();
        await Expect(restores).ToHaveCountAsync(2);
        await restores.First.ClickAsync();
        await Expect(page.GetByText("Leave out owners and rights (--no-owner)")).ToBeVisibleAsync();
        await ShowAsync(page, "postgres-plan-owners");
        await AccessibleAsync(page, "plan with owners that the login can't give back");

        await ExecuteAsync($"ALTER TABLE orders OWNER TO {_name}");
        await OnServerAsync($"ALTER ROLE {_name} NOCREATEDB");
        await GoAsync(page, $"/databases/{Slug}/backups");
        await restores.Last.ClickAsync();
        await Expect(page.GetByText("There will be no undo")).ToBeVisibleAsync();
        await page.Locator("[data-other-login]").ClickAsync();
        await Expect(page.Locator("#other-user")).ToBeFocusedAsync();
        await page.Locator("#other-user").FillAsync($"{_name}_keeper");
        await page.Locator("#other-password").FillAsync("wrong");
        await Expect(page.GetByText("refused the password")).ToBeVisibleAsync();
        await page.Locator("#other-password").FillAsync(KeeperCanary);
        await Expect(page.GetByText("Builds the new database beside")).ToBeVisibleAsync();
        await ShowAsync(page, "postgres-other-login");
        await AccessibleAsync(page, "another login for a restore");
        var phone = await OpenAsync(new Uri(page.Url).PathAndQuery, ColorScheme.Dark, width: 390, height: 844);
        await phone.Locator("[data-other-login]").ClickAsync();
        await Expect(phone.Locator("#other-user")).ToBeFocusedAsync();
        await phone.Locator("#other-user").FillAsync("nobody");
        await phone.Locator("#other-password").FillAsync("wrong");
        await Expect(phone.GetByText("refused the password")).ToBeVisibleAsync();
        await ShowAsync(phone, "postgres-other-login-phone-dark");
        await AccessibleAsync(phone, "another login on a phone");

        await page.Locator("[data-use]").ClickAsync();
        await Expect(page.Locator("[data-as]")).ToContainTextAsync($"Restored as {_name}_keeper");
        await Expect(page.GetByText("Then sessions are ended and the names change")).ToBeVisibleAsync();
        await ShowAsync(page, "postgres-plan-other-login");
        await AccessibleAsync(page, "plan with another login");
        AssertNoCanary(await page.ContentAsync());
        await page.Locator("[data-restore]").ClickAsync();
        await Expect(page.GetByText("It can be undone.").First).ToBeVisibleAsync();
        AssertNoCanary(await page.ContentAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Undo the restore" }).ClickAsync();
        await Expect(page.GetByText("The content of before the restore is back").First).ToBeVisibleAsync();
        Assert.Equal(_name, await AskAsync("SELECT tableowner::text FROM pg_tables WHERE tablename = 'orders'"));
    }

    /// <summary>Neither on the page, nor in the log, nor in anything that the dashboard keeps.</summary>
    private void AssertNoCanary(string page)
    {
        string[] canaries = [Canary, KeeperCanary];
        Assert.DoesNotContain(canaries, canary => page.Contains(canary, StringComparison.Ordinal) || Server.Output.Contains(canary, StringComparison.Ordinal));
        foreach (var file in Directory.EnumerateFiles(Server.DataFolder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            using var content = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), System.Text.Encoding.Latin1);
            var text = content.ReadToEnd();
            Assert.DoesNotContain(canaries, canary => text.Contains(canary, StringComparison.Ordinal));
        }
    }

    private async Task MakeAsync()
    {
        await OnServerAsync($"CREATE ROLE {_name} LOGIN CREATEDB PASSWORD '{Canary}'");
        await OnServerAsync($"GRANT pg_monitor, pg_signal_backend TO {_name}");
        await OnServerAsync($"CREATE ROLE {_name}_keeper LOGIN CREATEDB PASSWORD '{KeeperCanary}'");
        await OnServerAsync($"GRANT {_name}, pg_signal_backend TO {_name}_keeper");
        await OnServerAsync($"CREATE DATABASE {_name} OWNER {_name}");
        await ExecuteAsync(
            $"""
            SET ROLE {_name};
            CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
            CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL REFERENCES customers (id), note text);
            INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 50) i;
            INSERT INTO orders SELECT i, i % 50 + 1, repeat('note ', 20) FROM generate_series(1, 2000) i;
            """);
    }

    private async Task CleanAsync()
    {
        await using var connection = await ConnectAsync("postgres");
        await using var command = new NpgsqlCommand($"SELECT datname FROM pg_database WHERE starts_with(datname, '{_name}')", connection);
        List<string> names = [];
        await using (var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken))
        {
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            {
                names.Add(reader.GetString(0));
            }
        }

        foreach (var name in names)
        {
            await TestServer.DropDatabaseAsync(name);
        }

        await OnServerAsync($"DROP ROLE {_name}_keeper");
        await OnServerAsync($"DROP ROLE {_name}");
    }

    private string Url()
    {
        var words = new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(_name));
        return string.Create(CultureInfo.InvariantCulture, $"postgresql://{_name}:{Uri.EscapeDataString(Canary)}@{words.Host}:{words.Port}/{_name}?sslmode=verify-full&sslrootcert={words.RootCertificate}");
    }

    private Task ExecuteAsync(string sql) => OnAsync(_name, sql);

    private static Task OnServerAsync(string sql) => OnAsync("postgres", sql);

    private static async Task OnAsync(string database, string sql)
    {
        await using var connection = await ConnectAsync(database);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private async Task<string> AskAsync(string sql)
    {
        await using var connection = await ConnectAsync(_name);
        await using var command = new NpgsqlCommand(sql, connection);
        return (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>Of its own each time: a restore ends every session.</summary>
    private static async Task<NpgsqlConnection> ConnectAsync(string database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(database)) { Pooling = false }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
