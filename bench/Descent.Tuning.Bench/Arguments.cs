using System.Globalization;

namespace Descent.Tuning.Bench;

/// <summary>Options of the command line: --name value.</summary>
internal sealed class Arguments(string[] args)
{
    public string Text(string name, string fallback) => Array.IndexOf(args, "--" + name) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : fallback;

    public int Number(string name, int fallback) => int.Parse(Text(name, fallback.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

    public string[] List(string name, string fallback) => Text(name, fallback).Split(',', StringSplitOptions.RemoveEmptyEntries);
}
