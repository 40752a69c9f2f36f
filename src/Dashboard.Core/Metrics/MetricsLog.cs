using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Dashboard.Core.Metrics;

internal static partial class MetricsLog
{
    [LoggerMessage(6001, LogLevel.Error, "A round of samples failed; the next one comes when it is due")]
    public static partial void RoundFailed(ILogger logger, Exception fault);

    [LoggerMessage(6002, LogLevel.Information, "No samples of {Database} until it can be read again: {Problem}")]
    public static partial void Silent(ILogger logger, string database, string problem);

    [LoggerMessage(6003, LogLevel.Information, "Samples of {Database} again")]
    public static partial void Back(ILogger logger, string database);

    [LoggerMessage(6004, LogLevel.Warning, "The clock has jumped by {Jump}; old samples are left alone until it has gone steadily for an hour")]
    public static partial void ClockJumped(ILogger logger, TimeSpan jump);

    [LoggerMessage(6005, LogLevel.Information, "The series of a removed database were deleted ({Subject})")]
    public static partial void Forgotten(ILogger logger, string subject);

    [LoggerMessage(6006, LogLevel.Information, "{Samples} samples of history were made for {Database}")]
    public static partial void HistoryMade(ILogger logger, int samples, string database);
}
