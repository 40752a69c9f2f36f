using System.Globalization;

namespace Dashboard.Sqlite.Files;

/// <summary>Sizes in sentences: "1.2 GiB".</summary>
internal static class Bytes
{
    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

    public static string Words(long bytes)
    {
        double number = bytes;
        var unit = 0;
        while (number >= 1024 && unit < Units.Length - 1)
        {
            number /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{number:0.#} {Units[unit]}");
    }
}
