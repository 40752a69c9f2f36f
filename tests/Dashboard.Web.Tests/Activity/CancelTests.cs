using Bunit;
using Dashboard.Core.Jobs;
using Dashboard.Web.Components;
using Xunit;

namespace Dashboard.Web.Tests.Activity;

/// <summary>What stands where a run is cancelled: a button that does it, or a text that says why there is none.</summary>
public sealed class CancelTests : PagesWithRuns
{
    [Theory]
    [InlineData(JobKeys.Restore, "“Committing” can't be stopped. You can undo the restore when it has finished.")]
    [InlineData(JobKeys.Backup, "“Committing” can't be stopped. The backup is kept; you can delete it when it has finished.")]
    [InlineData(JobKeys.Maintenance, "“Committing” can't be stopped. It changes no rows, and can't be undone.")]
    public async Task A_phase_that_cannot_be_stopped_has_a_text_and_no_button(string job, string said)
    {
        var shop = await AddDatabaseAsync();

        var shown = Render<CancelRunButton>(parts => parts.Add(one => one.Run, Live(job, shop.Subject, RunState.Running, canCancel: false)));
        var late = Render<CancelRunButton>(parts => parts.Add(one => one.Run, Live(job, shop.Subject, RunState.Cancelling, canCancel: false)));
        var small = Render<CancelRunButton>(parts => parts.Add(one => one.Run, Live(job, shop.Subject, RunState.Running, canCancel: false)).Add(one => one.Compact, true));

        Assert.Empty(shown.FindAll("button"));
        Assert.Equal(said, shown.Find("[role=status]").TextContent);
        Assert.Equal($"The cancel came too late. {said}", late.Find("[role=status]").TextContent);
        Assert.Equal("Can't be stopped now", small.Find("[role=status]").TextContent);
        Assert.DoesNotContain("title=", shown.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_phase_that_can_be_stopped_has_its_button()
    {
        var shop = await AddDatabaseAsync();

        var shown = Render<CancelRunButton>(parts => parts.Add(one => one.Run, Live(JobKeys.Backup, shop.Subject, RunState.Running, canCancel: true)));
        var stopping = Render<CancelRunButton>(parts => parts.Add(one => one.Run, Live(JobKeys.Backup, shop.Subject, RunState.Cancelling, canCancel: true)));

        Assert.Equal("Cancel", shown.Find("button:not([disabled])").TextContent);
        Assert.Equal("Cancelling…", stopping.Find("button[disabled]").TextContent);
    }

    [Fact]
    public async Task The_bar_names_the_phase_that_goes_on_after_a_late_cancel()
    {
        var shop = await AddDatabaseAsync();

        var bar = Render<RunProgressBar>(parts => parts.Add(one => one.Run, Live(JobKeys.Restore, shop.Subject, RunState.Cancelling, canCancel: false)));

        Assert.Equal("Committing", bar.Find(".phase").TextContent);
    }

    private static LiveRun Live(string job, Core.Databases.Subject subject, RunState state, bool canCancel) =>
        new(Guid.NewGuid(), job, "Work on shop", subject, "Local administrator", state, "Committing", null, 0, null, null, null, canCancel, true, null);
}
