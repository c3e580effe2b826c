using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Descent.Journal;

/// <summary>Turns <c>postgres://user:password@host:5432/database?sslmode=require</c> into Npgsql's settings.</summary>
internal static partial class PostgresUrl
{
    /// <summary>libpq's names in URLs, where Npgsql has others. All of Npgsql's own are taken too.</summary>
    private static readonly Dictionary<string, string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["dbname"] = "Database",
        ["user"] = "Username",
        ["connect_timeout"] = "Timeout",
        ["application_name"] = "Application Name",
        ["passfile"] = "Passfile",
        ["schema"] = "Search Path",
    };

    public static NpgsqlConnectionStringBuilder Parse(string url)
    {
        Match parts = Url().Match(url);
        if (!parts.Success)
        {
            throw Refused("it is no URL");
        }

        NpgsqlConnectionStringBuilder settings = new()
        {
            Host = Part("host") ?? "localhost",
            Username = Part("user"),
            Password = Part("password"),
            Database = Part("database"),
            ApplicationName = "descent",
            // Notices a peer that is gone without a word, such as a machine that lost power.
            KeepAlive = 30,
        };
        if (Part("port") is { } port)
        {
            settings.Port = int.TryParse(port, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= ushort.MaxValue ? number : throw Refused($"its port is {port}");
        }

        foreach (string pair in parts.Groups["query"].Value.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] setting = pair.Split('=', 2);
            string name = Uri.UnescapeDataString(setting[0]);
            try
            {
                settings[Names.GetValueOrDefault(name, name)] = Uri.UnescapeDataString(setting.Length > 1 ? setting[1] : "");
            }
            catch (Exception fault) when (fault is ArgumentException or FormatException or InvalidCastException)
            {
                throw Refused($"its setting '{name}' is none, or has a wrong value");
            }
        }

        return settings;

        string? Part(string name) => parts.Groups[name] is { Length: > 0 } part ? Uri.UnescapeDataString(part.Value) : null;
    }

    /// <summary>Where the journal is, without the password: for messages.</summary>
    public static string Shown(NpgsqlConnectionStringBuilder settings) =>
        settings.Host?.StartsWith('/') == true
            ? $"postgres:///{settings.Database}?host={settings.Host}&port={settings.Port}"
            : $"postgres://{settings.Host}:{settings.Port}/{settings.Database}";

    // The URL isn't shown: it may hold a password.
    private static JournalException Refused(string fault) =>
        new($"The journal's postgres:// URL can't be used: {fault}; allowed: postgres://user:password@host:5432/database?sslmode=require.");

    // Not System.Uri, which has no URL with a user and no host: a socket's folder stands in the query (?host=/run/postgresql).
    [GeneratedRegex(@"^postgres(?:ql)?://(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?(?:(?<host>\[[0-9a-fA-F:.]+\]|[^:@/?\[\]]*)(?::(?<port>[^/?]*))?)(?:/(?<database>[^?]*))?(?:\?(?<query>.*))?$", RegexOptions.IgnoreCase)]
    private static partial Regex Url();
}
