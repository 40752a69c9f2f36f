using System.Diagnostics.Metrics;
using System.Globalization;
using System.IO.Pipes;
using Dashboard.Benchmarks.Pages;

/// <summary>
/// What only the server itself can tell. The runtime loads this class, under this name, into the published product when DOTNET_STARTUP_HOOKS
/// points here (see <see cref="ServedApp"/>): so heap and rendering are measured in the real process, and the product has no page for it.
/// It answers each line that it is sent through a pipe.
/// </summary>
internal static class StartupHook
{
    public const string PipeVariable = "DASHBOARD_BENCHMARKS_PIPE";
    public const string Heap = "heap";
    public const string Renders = "renders";

    private const string RenderDuration = "aspnetcore.components.render_diff.duration";

    private static readonly Lock Gate = new();
    private static readonly List<double> Begun = [];

    public static void Initialize()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == RenderDuration)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, _, _) =>
        {
            // Told when the batch has been handed over, with how long that took.
            var begun = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds - seconds * 1000;
            lock (Gate)
            {
                Begun.Add(begun);
            }
        });
        listener.Start();
        _ = Task.Run(() => AnswerAsync(Environment.GetEnvironmentVariable(PipeVariable)!));
    }

    private static async Task AnswerAsync(string pipe)
    {
        await using var server = new NamedPipeServerStream(pipe, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
        await server.WaitForConnectionAsync();
        using var reader = new StreamReader(server, leaveOpen: true);
        await using var writer = new StreamWriter(server, leaveOpen: true) { AutoFlush = true };
        while (await reader.ReadLineAsync() is { } question)
        {
            await writer.WriteLineAsync(question switch
            {
                Heap => LiveBytes().ToString(CultureInfo.InvariantCulture),
                Renders => string.Join(' ', TakeRenders().Select(at => at.ToString("0.000", CultureInfo.InvariantCulture))),
                _ => "",
            });
        }
    }

    /// <summary>What is reachable: a second collection takes what finalizers of the first let go.</summary>
    private static long LiveBytes()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: false);
    }

    private static List<double> TakeRenders()
    {
        lock (Gate)
        {
            List<double> taken = [.. Begun];
            Begun.Clear();
            return taken;
        }
    }
}
