using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Web.Features.Health;

public sealed partial class OwnCheckForm
{
    private Guid _id;
    private OwnCheckKind _kind;
    private string _title = "";
    private string _question = "";
    private string _low = "";
    private string _high = "";
    private int _status = 200;
    private string _text = "";
    private int _slow = 1000;
    private int _timeout = 10;
    private bool _isCritical;
    private bool _isBusy;
    private HealthAnswer? _answer;
    private Exception? _fault;
    private string _failed = "";

    /// <summary>Null for the installation, which is asked by no SQL.</summary>
    [Parameter, EditorRequired] public required Database? Database { get; set; }

    /// <summary>The one that is changed; null for a new one.</summary>
    [Parameter, EditorRequired] public required OwnCheck? Check { get; set; }

    [Parameter] public EventCallback OnDone { get; set; }

    [Inject] public required EditHealth Edit { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    /// <summary>Once: what somebody is typing is not taken away by a change of the page.</summary>
    protected override void OnInitialized()
    {
        _id = Check?.Id ?? Guid.CreateVersion7(Time.GetUtcNow());
        _kind = Check?.Kind ?? (Database is null ? OwnCheckKind.Service : OwnCheckKind.Nothing);
        if (Check is { } check)
        {
            (_title, _question, _status, _text, _slow, _timeout, _isCritical) = (check.Title, check.Question, check.Status, check.Text, check.SlowMilliseconds, check.TimeoutSeconds, check.IsCritical);
            (_low, _high) = (Write(check.Low), Write(check.High));
        }
    }

    private string Id(string word) => $"own-{(Check is null ? "new" : Check.Id.ToString("N"))}-{word}";

    /// <exception cref="DatabaseException">When a number is none.</exception>
    private OwnCheck Draft() => new()
    {
        Id = _id,
        SubjectKind = Database is null ? SubjectKind.Installation : SubjectKind.Database,
        SubjectId = Database?.Id ?? Guid.Empty,
        Kind = _kind,
        Title = _title,
        Question = _question,
        Low = Read(_low),
        High = Read(_high),
        Status = _status,
        Text = _text,
        SlowMilliseconds = _slow,
        TimeoutSeconds = _timeout,
        IsCritical = _isCritical,
    };

    private Task SaveAsync() => DoAsync("It could not be saved", async () =>
    {
        await Edit.SaveOwnAsync(Viewer.Actor, Database, Draft(), CancellationToken.None);
        await OnDone.InvokeAsync();
    });

    private Task TryAsync() => DoAsync("It could not be tried", async () =>
    {
        var draft = Draft();
        draft.Title = draft.Title.Length == 0 ? "Tried" : draft.Title;
        _answer = await Edit.TryOwnAsync(Viewer.Actor, Database, draft, CancellationToken.None);
    });

    /// <summary>It comes back with one click: what it was stands in the form still.</summary>
    private Task RemoveAsync() => DoAsync("It could not be removed", async () =>
    {
        var removed = Check!;
        await Edit.RemoveOwnAsync(Viewer.Actor, Database, removed.Id, CancellationToken.None);
        Toasts.Add($"Removed “{removed.Title}”. What it found stays in the history.", Severity.Info, toast =>
        {
            toast.Action = "Undo";
            toast.OnClick = _ => Edit.SaveOwnAsync(Viewer.Actor, Database, removed, CancellationToken.None);
        });
    });

    private async Task DoAsync(string failed, Func<Task> act)
    {
        (_isBusy, _fault, _answer) = (true, null, null);
        try
        {
            await act();
        }
        catch (Exception fault)
        {
            (_failed, _fault) = (failed, fault);
        }
        finally
        {
            _isBusy = false;
        }
    }

    private static double? Read(string text) =>
        text.Trim().Length == 0 ? null
        : double.TryParse(text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number
        : throw new DatabaseException($"“{text.Trim()}” is no number.", "Write it with a point, as 1.5.");

    private static string Write(double? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
