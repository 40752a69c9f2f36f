using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Dashboard.Core.Jobs;

internal static partial class JobLog
{
    private static readonly Func<ILogger, Guid, IDisposable?> Scope = LoggerMessage.DefineScope<Guid>("Run {RunId}");

    public static IDisposable? Of(ILogger logger, Guid runId) => Scope(logger, runId);

    [LoggerMessage(2001, LogLevel.Information, "{Title} started (run {RunId}), asked by {AskedBy}")]
    public static partial void Started(ILogger logger, string title, Guid runId, string askedBy);

    [LoggerMessage(2002, LogLevel.Information, "{Title} ended as {State} (run {RunId})")]
    public static partial void Ended(ILogger logger, string title, Guid runId, RunState state);

    [LoggerMessage(2003, LogLevel.Error, "{Title} failed (run {RunId})")]
    public static partial void Failed(ILogger logger, string title, Guid runId, Exception fault);

    [LoggerMessage(2004, LogLevel.Warning, "The lease of run {RunId} could not be renewed")]
    public static partial void HeartbeatMissed(ILogger logger, Guid runId, Exception fault);

    [LoggerMessage(2005, LogLevel.Error, "The end of run {RunId} could not be stored; trying again")]
    public static partial void CouldNotClose(ILogger logger, Guid runId, Exception fault);

    [LoggerMessage(2006, LogLevel.Error, "A worker could not take the next run; trying again")]
    public static partial void PoolFaulted(ILogger logger, Exception fault);

    [LoggerMessage(2007, LogLevel.Warning, "Run {RunId} ({Job}) was open when the dashboard started; closed as {State}: {Summary}")]
    public static partial void Reconciled(ILogger logger, Guid runId, string job, RunState state, string summary);

    [LoggerMessage(2008, LogLevel.Error, "Run {RunId} could not be reconciled")]
    public static partial void CouldNotReconcile(ILogger logger, Guid runId, Exception fault);

    [LoggerMessage(2009, LogLevel.Warning, "The name of what run {RunId} is about could not be read")]
    public static partial void CouldNotName(ILogger logger, Guid runId, Exception fault);
}
