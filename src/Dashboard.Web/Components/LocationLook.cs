using Dashboard.Core.Databases;

namespace Dashboard.Web.Components;

/// <summary>What is known of a location that is being typed.</summary>
/// <param name="IsLooking">A newer answer is on its way; the old one stays until then, so that nothing jumps.</param>
/// <param name="Check">The last answer.</param>
/// <param name="Fault">Set when nothing could be asked.</param>
public sealed record LocationLook(bool IsLooking, LocationCheck? Check, Exception? Fault = null)
{
    public static LocationLook None { get; } = new(false, null);
}
