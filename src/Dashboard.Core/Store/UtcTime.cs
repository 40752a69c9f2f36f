using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Dashboard.Core.Store;

/// <summary>SQLite can neither order nor compare a DateTimeOffset, and PostgreSQL takes only offset 0: times are stored as UTC.</summary>
public sealed class UtcTime() : ValueConverter<DateTimeOffset, DateTime>(
    time => time.UtcDateTime,
    stored => new DateTimeOffset(DateTime.SpecifyKind(stored, DateTimeKind.Utc)));
