using System.CommandLine;

namespace Descent.Cli.Commands;

/// <summary>Ranges of options: a value outside is one clear line.</summary>
internal static class OptionRange
{
    /// <summary>Refuses values that are not allowed.</summary>
    /// <param name="option">The option.</param>
    /// <param name="allowed">Whether a value is.</param>
    /// <param name="range">Which are, in words.</param>
    public static void Require<T>(this Option<T> option, Func<T?, bool> allowed, string range) => option.Validators.Add(result =>
    {
        if (result is { Implicit: false } && !allowed(result.GetValueOrDefault<T>()))
        {
            result.AddError($"{option.Name} is {result.GetValueOrDefault<T>()}; allowed: {range}");
        }
    });
}
