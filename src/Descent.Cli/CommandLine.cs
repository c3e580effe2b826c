using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Descent.Cli.Commands;
using Descent.Optimizers;
using Descent.Training;
using Descent.Tuning;

namespace Descent.Cli;

/// <summary>Runs a command and turns whatever goes wrong into one clear line and an exit code.</summary>
internal static partial class CommandLine
{
    /// <summary>Parses <paramref name="arguments"/> with <paramref name="root"/> and runs the command they name.</summary>
    public static int Run(RootCommand root, string[] arguments)
    {
        var debug = new Option<bool>("--debug") { Description = "Show the whole trace of an unexpected error.", Recursive = true };
        root.Add(debug);

        DescentCommand.ShowExamples(root);

        ParseResult parsed = root.Parse(arguments);
        if (parsed.Action is not { ClearsParseErrors: true } && ErrorIn(parsed) is { } error)
        {
            if (arguments.Length == 0)
            {
                root.Parse(["--help"]).Invoke();
            }

            string command = string.Join(' ', Path(parsed.CommandResult));
            string end = error.EndsWith('?') ? "" : ".";
            Console.Error.WriteLine($"descent: {error}{end} See '{command} --help'.");
            return ExitCode.BadInput;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception exception)
        {
            return Report(exception, parsed.GetValue(debug));
        }
    }

    // An unknown word makes further errors follow from it; the first one is the one to mend.
    private static string? ErrorIn(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (Mistyped(parsed) is { } option)
        {
            return $"There is no option '{option}'; {NearestName.Hint(option, Options(parsed.CommandResult))}";
        }

        if (parsed.UnmatchedTokens.Count > 0)
        {
            string word = parsed.UnmatchedTokens[0];
            return command.Subcommands.Count > 0
                ? $"There is no command '{word}'; {NearestName.Hint(word, command.Subcommands.Select(known => known.Name))}"
                : $"'{word}' is one argument too many";
        }

        return parsed.Errors.Count > 0 ? Plain(OneLine(parsed.Errors[0].Message)) : null;
    }

    // An argument that takes any text takes a mistyped option for its value.
    private static string? Mistyped(ParseResult parsed) => parsed.CommandResult.Children.OfType<ArgumentResult>()
        .SelectMany(argument => argument.Tokens)
        .Select(token => token.Value)
        .Concat(parsed.UnmatchedTokens)
        .FirstOrDefault(word => word.StartsWith("--", StringComparison.Ordinal));

    private static IEnumerable<string> Options(CommandResult result) =>
        [.. result.Command.Options.Where(option => !option.Hidden).Select(option => option.Name), "--debug", "--help"];

    // The library names .NET's types, which tell a person nothing.
    private static string Plain(string message) => ParseError().Match(message) is { Success: true } wrong
        ? $"{wrong.Groups["option"].Value} is '{wrong.Groups["value"].Value}'; allowed: {(wrong.Groups["type"].Value switch { "Int64" or "Int32" => "a whole number", "Double" => "a number", "Boolean" => "true or false", _ => "another value" })}"
        : message;

    [GeneratedRegex(@"^Cannot parse argument '(?<value>.*)' for option '(?<option>[^']*)' as expected type '(System\.Nullable`1\[)?System\.(?<type>\w+)\]?'")]
    private static partial Regex ParseError();

    private static string OneLine(string message) => string.Join(' ', message.TrimEnd('.').Split((char[])['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<string> Path(CommandResult result) =>
        result.Parent is CommandResult parent ? Path(parent).Append(result.Command.Name) : ["descent"];

    private static string FirstLine(string message) => message.Split('\n')[0].Trim();

    private static int Report(Exception exception, bool debug)
    {
        if (exception is BadInputException or SearchSpaceException)
        {
            Console.Error.WriteLine($"descent: {exception.Message}");
            return ExitCode.BadInput;
        }

        if (!debug && exception is (IOException or UnauthorizedAccessException))
        {
            // A full disk, most of all. Checkpoints are whole or absent.
            Console.Error.WriteLine($"descent: {exception.Message.TrimEnd().TrimEnd('.')}. Mend it; a run that has saved a checkpoint goes on with 'descent resume', what was saved before is whole.");
            return ExitCode.Failed;
        }

        if (!debug && exception is ExternalException && exception.Message.Contains("can't allocate memory", StringComparison.Ordinal))
        {
            // libtorch's own message goes on with the frames of its stack.
            Console.Error.WriteLine($"descent: there is not enough memory ({FirstLine(exception.Message)}). Ask 'descent plan' what the run needs; lower the model's size, data.batch_size or, with 'memory', what a step holds.");
            return ExitCode.Failed;
        }

        if (debug)
        {
            Console.Error.WriteLine(exception);
            return ExitCode.Failed;
        }

        // What a type initializer wraps is what went wrong: native libraries that can't be loaded, most of all.
        Exception cause = exception is TypeInitializationException { InnerException: { } inner } ? inner : exception;
        Console.Error.WriteLine($"descent: {cause.GetType().Name}: {FirstLine(cause.Message)} (--debug shows where.)");
        return ExitCode.Failed;
    }
}
