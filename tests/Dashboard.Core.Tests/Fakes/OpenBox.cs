using Dashboard.Core.Databases;

namespace Dashboard.Core.Tests.Fakes;

/// <summary>Encrypts so that a test can tell what was encrypted from what was not.</summary>
internal sealed class OpenBox : ISecretBox
{
    public string Protect(string secret) => "locked:" + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(secret));

    public string Unprotect(string secret) => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(secret["locked:".Length..]));
}
