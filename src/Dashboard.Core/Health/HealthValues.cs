using System.Globalization;
using System.Text.Json;

namespace Dashboard.Core.Health;

/// <summary>What a check was given: a person's values where there are some, its own defaults elsewhere.</summary>
public sealed class HealthValues(IReadOnlyList<HealthField> fields, IReadOnlyDictionary<string, string> given)
{
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    /// <summary>Whether the check has all that it needs to be asked.</summary>
    public bool IsSetUp => fields.All(one => !one.IsNeeded || Text(one.Key).Trim().Length > 0);

    public static HealthValues Defaults(IReadOnlyList<HealthField> fields) => new(fields, None);

    public string Text(string key) => given.TryGetValue(key, out var value) ? value : Field(key).Default;

    /// <summary>Null where the field is empty.</summary>
    public double? Number(string key) => Parse(Text(key));

    /// <summary>Without empty ones, each without the space around it.</summary>
    public IReadOnlyList<string> Lines(string key) => Text(key).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private HealthField Field(string key) => fields.First(field => field.Key == key);

    internal static double? Parse(string text) =>
        double.TryParse(text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    internal static string Write(double number) => number.ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary>As <see cref="HealthSetting.Values"/> keeps them.</summary>
    internal static string Write(IReadOnlyDictionary<string, string> values) => values.Count == 0 ? "" : JsonSerializer.Serialize(values);

    internal static IReadOnlyDictionary<string, string> Read(string stored) =>
        stored.Length == 0 ? None : JsonSerializer.Deserialize<Dictionary<string, string>>(stored) ?? None;
}
