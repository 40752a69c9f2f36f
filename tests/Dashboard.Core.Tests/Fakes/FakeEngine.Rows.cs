using System.Globalization;
using System.Text;
using Dashboard.Core.Retention;

namespace Dashboard.Core.Tests.Fakes;

/// <summary>A row is a line "table yyyy-MM-dd rest"; its column is "day". Two lines a piece.</summary>
internal sealed partial class FakeEngine : IKeepsRows
{
    private const int Piece = 2;

    public Task<RowTable> LookAtRowsAsync(string location, string table, CancellationToken cancellationToken) => Task.FromResult(
        new RowTable(table, [new TimeColumn("day", "text", TimeKind.IsoText, null)], [], []) { Kinds = [TimeKind.IsoText] });

    public Task<string?> FindConditionFaultAsync(string location, string table, string condition, CancellationToken cancellationToken) =>
        Task.FromResult(ConditionText.FindFault(condition, ""));

    public async Task<RowClock> ReadClockAsync(string location, RowTime time, CancellationToken cancellationToken) =>
        new((await ReadRowsAsync(location, time.Table, cancellationToken)).Select(row => row.Day).Max(), null);

    public async Task<RowPreview> PreviewAsync(string location, RowSelection selection, CancellationToken cancellationToken)
    {
        var rows = await ReadRowsAsync(location, selection.Time.Table, cancellationToken);
        var old = rows.Where(row => row.Day < selection.Cutoff).ToList();
        return new RowPreview(rows.Count, old.Count, 0, rows.Count(row => row.Day is null), old.Min(row => row.Day), old.Max(row => row.Day), []);
    }

    public Task<IRowSession> OpenRowsAsync(string location, RowSelection selection, CancellationToken cancellationToken) => Task.FromResult<IRowSession>(new Session(this, location, selection));

    private static async Task<List<(string Line, DateTimeOffset? Day)>> ReadRowsAsync(string location, string table, CancellationToken cancellationToken) =>
    [
        .. (await ReadLiveAsync(location, cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.StartsWith(table + " ", StringComparison.Ordinal))
            .Select(line => (line, DateTimeOffset.TryParseExact(line.Split(' ')[1], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) ? day : (DateTimeOffset?)null)),
    ];

    private sealed class Session(FakeEngine engine, string location, RowSelection selection) : IRowSession
    {
        public async Task<RowsWritten> WriteAsync(Stream target, Action<long> told, CancellationToken cancellationToken)
        {
            var old = (await ReadRowsAsync(location, selection.Time.Table, cancellationToken)).Where(row => row.Day < selection.Cutoff).ToList();
            foreach (var (line, _) in old)
            {
                await target.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), cancellationToken);
                await engine.StrikeAsync(EngineStep.WriteRows, cancellationToken);
            }

            return new RowsWritten(old.Count, old.Min(row => row.Day), old.Max(row => row.Day));
        }

        public async Task<RowBatch> RemoveNextAsync(CancellationToken cancellationToken)
        {
            await engine.StrikeAsync(EngineStep.RemoveRows, cancellationToken);
            var old = (await ReadRowsAsync(location, selection.Time.Table, cancellationToken)).Where(row => row.Day < selection.Cutoff).Select(row => row.Line).ToList();
            var removed = await RemoveAsync(old.Take(Piece), cancellationToken);
            await engine.StrikeAsync(EngineStep.AfterRemovingRows, cancellationToken);
            return new RowBatch(removed, 0, old.Count <= Piece, 1);
        }

        public async Task<RowBatch> RemoveWrittenAsync(IReadOnlyList<string> lines, CancellationToken cancellationToken)
        {
            await engine.StrikeAsync(EngineStep.RemoveRows, cancellationToken);
            var there = (await ReadRowsAsync(location, selection.Time.Table, cancellationToken)).Where(row => row.Day < selection.Cutoff).Select(row => row.Line).ToHashSet(StringComparer.Ordinal);
            var removed = await RemoveAsync(lines.Where(there.Contains), cancellationToken);
            await engine.StrikeAsync(EngineStep.AfterRemovingRows, cancellationToken);
            return new RowBatch(removed, 0, false, 0);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private async Task<long> RemoveAsync(IEnumerable<string> lines, CancellationToken cancellationToken)
        {
            var going = lines.ToHashSet(StringComparer.Ordinal);
            var all = (await File.ReadAllLinesAsync(location, cancellationToken)).ToList();
            var archived = selection.ArchiveTable is { } archive ? going.Select(line => archive + line[line.IndexOf(' ', StringComparison.Ordinal)..]) : [];
            await File.WriteAllLinesAsync(location, all.Where(line => !going.Contains(line)).Concat(archived), CancellationToken.None);
            return going.Count;
        }
    }
}
