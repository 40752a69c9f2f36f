using Dashboard.Core;
using Dashboard.Postgres;
using Dashboard.Sqlite;
using Dashboard.Web;
using Dashboard.Web.Api;
using Dashboard.Web.Hosting;
using Dashboard.Web.Scheduling;
using MudBlazor.Services;

return MoveStoreVerb.IsMeant(args) ? await MoveStoreVerb.RunAsync(args) : await StartUp.RunAsync(async () =>
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.WebHost.UseStaticWebAssets();
    builder.AddDashboardSettings(args);

    builder.Services.AddSqlite().AddPostgres();
    builder.AddStore();
    builder.Services.AddDatabases().AddFleet().AddJobs().AddBackups().AddMaintenance().AddRetention().AddHealth().AddSchedules().AddSampling();
    builder.Services.AddClock();
    builder.Services.AddViewer();
    builder.Services.AddMudServices(options => options.SnackbarConfiguration.PositionClass = MudBlazor.Defaults.Classes.Position.BottomRight);
    builder.Services.AddRazorComponents().AddInteractiveServerComponents(circuits => circuits.DisconnectedCircuitMaxRetained = 20);

    var app = builder.Build();
    await app.PrepareStoreAsync();

    app.UseSecurityHeaders();
    app.UseLocalAddressesOnly();
    app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
    app.UseAntiforgery();
    app.UseClock();

    app.MapStaticAssets();
    app.MapBackups();
    app.MapForeign();
    app.MapTables();
    app.MapHealth();
    app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);

    app.SayWhereItIs();
    await app.RunAsync();
});
