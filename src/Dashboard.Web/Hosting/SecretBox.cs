using System.Security.Cryptography;
using Dashboard.Core.Databases;
using Microsoft.AspNetCore.DataProtection;

namespace Dashboard.Web.Hosting;

/// <summary>Passwords under the key ring of the data folder.</summary>
internal sealed class SecretBox(IDataProtectionProvider keys) : ISecretBox
{
    private readonly IDataProtector _protector = keys.CreateProtector("Dashboard.Logins");

    public string Protect(string secret) => _protector.Protect(secret);

    public string Unprotect(string secret)
    {
        try
        {
            return _protector.Unprotect(secret);
        }
        catch (CryptographicException fault)
        {
            throw new DatabaseException("A stored password can't be read: the keys in the data folder are not those that it was encrypted with.", "Bring back the folder keys of the data folder, or give the password again in the settings of the database.", fault);
        }
    }
}
