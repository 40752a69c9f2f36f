using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Retention;

/// <summary>
/// A row as a line of JSON, without loss: whole numbers, fractions, texts and NULL as such, bytes as <c>{"blob": base64}</c>, a fraction that JSON has no
/// word for as <c>{"real": "Infinity"}</c>, a text that is no UTF-8 as <c>{"text": base64 of its bytes}</c>.
/// </summary>
internal static class RowLine
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="keys">Number of leading columns that are the key.</param>
    /// <param name="names">Of the columns behind them.</param>
    /// <param name="isUtf8">Whether the database keeps its texts so, and their bytes can be looked at.</param>
    public static string Write(SqliteDataReader row, int keys, IReadOnlyList<string> names, bool isUtf8)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteStartArray("key");
            for (var at = 0; at < keys; at++)
            {
                WriteValue(json, row, at, isUtf8);
            }

            json.WriteEndArray();
            json.WriteStartObject("row");
            for (var at = 0; at < names.Count; at++)
            {
                json.WritePropertyName(names[at]);
                WriteValue(json, row, keys + at, isUtf8);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static object[] ReadKey(string line)
    {
        using var document = JsonDocument.Parse(line);
        return [.. document.RootElement.GetProperty("key").EnumerateArray().Select(ReadValue)];
    }

    private static void WriteValue(Utf8JsonWriter json, SqliteDataReader row, int at, bool isUtf8)
    {
        switch (row.GetValue(at))
        {
            case long number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                WriteReal(json, number);
                break;
            case double number:
                Wrap(json, "real", number.ToString(System.Globalization.CultureInfo.InvariantCulture));
                break;
            case byte[] bytes:
                Wrap(json, "blob", Convert.ToBase64String(bytes));
                break;
            case string text:
                WriteText(json, row, at, text, isUtf8);
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    /// <summary>With a point or an exponent: 1.0 is not 1 to SQLite.</summary>
    private static void WriteReal(Utf8JsonWriter json, double number)
    {
        var text = number.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        json.WriteRawValue(text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text, skipInputValidation: true);
    }

    private static void WriteText(Utf8JsonWriter json, SqliteDataReader row, int at, string text, bool isUtf8)
    {
        if (isUtf8 && text.Contains('\uFFFD', StringComparison.Ordinal))
        {
            var bytes = row.GetFieldValue<byte[]>(at);
            try
            {
                Strict.GetCharCount(bytes);
            }
            catch (DecoderFallbackException)
            {
                Wrap(json, "text", Convert.ToBase64String(bytes));
                return;
            }
        }

        json.WriteStringValue(text);
    }

    private static void Wrap(Utf8JsonWriter json, string kind, string value)
    {
        json.WriteStartObject();
        json.WriteString(kind, value);
        json.WriteEndObject();
    }

    private static object ReadValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetRawText().AsSpan().IndexOfAny('.', 'E') < 0 ? value.GetInt64() : value.GetDouble(),
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Object when value.TryGetProperty("blob", out var blob) => blob.GetBytesFromBase64(),
        _ => DBNull.Value,
    };
}
