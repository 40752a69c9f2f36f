namespace Dashboard.Trials;

/// <summary>A promise was broken.</summary>
internal sealed class TrialException(string message, Exception? inner = null) : Exception(message, inner);
