using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Descent.Cli.Commands;

/// <summary>A command whose help closes with examples.</summary>
/// <param name="name">What one types.</param>
/// <param name="description">One sentence.</param>
/// <param name="examples">Whole command lines, one a line.</param>
internal sealed class DescentCommand(string name, string description, string examples) : Command(name, description)
{
    /// <summary>Whole command lines, one a line.</summary>
    public string Examples => examples;

    /// <summary>Makes the help of <paramref name="root"/> and all of its commands show their examples.</summary>
    public static void ShowExamples(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => help.ClearsParseErrors;

        public override int Invoke(ParseResult parsed)
        {
            int code = help.Invoke(parsed);
            if (parsed.CommandResult.Command is DescentCommand command)
            {
                TextWriter output = parsed.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (string line in command.Examples.Split('\n'))
                {
                    output.WriteLine("  " + line);
                }
            }

            return code;
        }
    }
}
