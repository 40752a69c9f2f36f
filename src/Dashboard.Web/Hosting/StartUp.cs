using System.Net.Sockets;
using Dashboard.Core.Configuration;
using Dashboard.Core.Store;

namespace Dashboard.Web.Hosting;

/// <summary>A start that can't be made ends with a sentence and exit code 1, not with a stack trace.</summary>
internal static class StartUp
{
    public static async Task<int> RunAsync(Func<Task> run, string failed = "The dashboard could not start.")
    {
        try
        {
            await run();
            return 0;
        }
        catch (Exception fault) when (Sentence(fault) is not null)
        {
            await Console.Error.WriteLineAsync($"{failed} {Sentence(fault)}");
            return 1;
        }
    }

    private static string? Sentence(Exception fault) => fault switch
    {
        DataFolderException or StoreException or SettingsException or NotSupportedException => fault.Message,
        IOException { InnerException: not null } io when HasSocketFault(io) => $"{io.Message} Stop what listens there, or choose another address with --urls http://localhost:5081.",
        _ => null,
    };

    private static bool HasSocketFault(Exception? fault) => fault is not null && (fault is SocketException or Microsoft.AspNetCore.Connections.AddressInUseException || HasSocketFault(fault.InnerException));
}

/// <summary>The settings are wrong; the message names every key.</summary>
public sealed class SettingsException(string message) : Exception(message);
