using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using MudBlazor;

namespace Dashboard.Web.Layout;

public sealed partial class CommandPalette
{
    private IReadOnlyList<Database> _databases = [];
    private string _typed = "";
    private int _active;

    [Parameter, EditorRequired] public required FeedSnapshot Feed { get; set; }

    [Inject] public required ReadFleet Fleet { get; set; }

    [Inject] public required AskForRun Ask { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    [Inject] public required IJSRuntime Js { get; set; }

    private IReadOnlyList<PaletteItem> Found { get; set; } = PaletteItems.Find(PaletteItems.All([], []), "");

    private static string OptionId(int number) => $"palette-{number}";

    /// <summary>The browser has shown the dialog already; here it learns of the databases.</summary>
    private async Task OpenAsync()
    {
        _databases = [.. (await Fleet.ListAsync(Viewer.Actor, CancellationToken.None)).Select(row => row.Database)];
        Find();
    }

    private void Type(ChangeEventArgs change)
    {
        _typed = change.Value as string ?? "";
        _active = 0;
        Find();
    }

    private void Closed()
    {
        _typed = "";
        _active = 0;
        Find();
    }

    private void Find()
    {
        Found = PaletteItems.Find(PaletteItems.All(_databases, Feed.Runs), _typed);
        _active = Math.Clamp(_active, 0, Math.Max(0, Found.Count - 1));
    }

    private async Task KeyAsync(KeyboardEventArgs key)
    {
        switch (key.Key)
        {
            case "ArrowDown":
                await MoveAsync(_active + 1);
                break;
            case "ArrowUp":
                await MoveAsync(_active - 1);
                break;
            case "Home" when key.CtrlKey:
                await MoveAsync(0);
                break;
            case "End" when key.CtrlKey:
                await MoveAsync(Found.Count - 1);
                break;
            case "Enter" when Found.Count > 0:
                await RunAsync(Found[_active]);
                break;
        }
    }

    /// <summary>Round at both ends.</summary>
    private async Task MoveAsync(int to)
    {
        if (Found.Count > 0)
        {
            _active = (to + Found.Count) % Found.Count;
            await Js.InvokeVoidAsync("dashboardKeys.show", OptionId(_active));
        }
    }

    private async Task RunAsync(PaletteItem item)
    {
        await Js.InvokeVoidAsync("dashboardKeys.close", "palette");
        switch (item.Act)
        {
            case PaletteAct.Open:
                Navigation.NavigateTo(item.Target);
                break;
            case PaletteAct.BackUp:
                await BackUpAsync(item.Database!);
                break;
            case PaletteAct.SwitchTheme:
                await Js.InvokeVoidAsync("dashboardKeys.press", "[data-theme-toggle]");
                break;
            case PaletteAct.ShowKeys:
                await Js.InvokeVoidAsync("dashboardKeys.press", "[data-keys-help]");
                break;
        }
    }

    private async Task BackUpAsync(Database database)
    {
        try
        {
            var run = await Ask.AskAsync(Viewer.Actor, JobKeys.Backup, database.Subject, null, CancellationToken.None);
            Toasts.Add($"{database.Name} is being backed up.", Severity.Normal, toast =>
            {
                toast.Action = "Show";
                toast.HideIcon = true;
                toast.RequireInteraction = false;
                toast.OnClick = _ => InvokeAsync(() => Navigation.NavigateTo(Urls.ForRun(run.Id)));
            });
        }
        catch (Exception fault)
        {
            Toasts.Add($"{database.Name} could not be backed up. {FaultWords.Of(fault).Problem}", Severity.Error, toast => toast.RequireInteraction = true);
        }
    }
}
