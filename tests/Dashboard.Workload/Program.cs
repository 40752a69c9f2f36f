using System.Globalization;
using Dashboard.Workload;
using Microsoft.Data.Sqlite;

try
{
    return args switch
    {
        ["create", var db, "wal" or "delete", var rows] => Ledger.Create(db, args[2], Whole(rows), 4096),
        ["create", var db, "wal" or "delete", var rows, var pageSize] => Ledger.Create(db, args[2], Whole(rows), Whole(pageSize)),
        ["writer", var db, var rate, var seconds, var log] => await Writer.RunAsync(db, Whole(rate), Whole(seconds), log),
        ["reader", var db, var seconds] => await Reader.RunAsync(db, Whole(seconds)),
        ["hold", var db, "read" or "write" or "exclusive"] => await Hold.RunAsync(db, args[2]),
        ["connect", var db] => await Hold.RunAsync(db, "nothing"),
        ["check", var db] => Ledger.Check(db),
        ["sell", var db, var rows] => await Sell.RunAsync(db, Whole(rows)),
        ["back-up", var db, var copy] => await BackUp.RunAsync(db, copy),
        _ => Usage(),
    };
}
catch (SqliteException error)
{
    Console.WriteLine($"fault {error.SqliteExtendedErrorCode}: {error.Message}");
    return 3;
}

static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static int Usage()
{
    Console.Error.WriteLine("create | writer | reader | hold | connect | check | sell | back-up: see README.md");
    return 2;
}
