using System.Globalization;
using System.Text.RegularExpressions;

namespace Descent.Gpu.Tests.Machine;

/// <summary>
/// A PTX module with one entry, read as the PTX ISA manual describes it and executed thread by thread on this machine's memory. It knows the instructions that our
/// kernels consist of, and refuses any other by name: what it computes is what NVIDIA's manual says the text means, by code that shares nothing with the compiler.
/// </summary>
internal sealed partial class PtxProgram
{
    private readonly Dictionary<string, int> _registers = [];
    private readonly Dictionary<string, int> _parameters = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly List<Action<PtxThread>> _code = [];

    public PtxProgram(string text)
    {
        Match entry = EntryPattern().Match(text);
        Name = entry.Groups[1].Value;
        foreach (Match parameter in ParameterPattern().Matches(entry.Groups[2].Value))
        {
            _parameters.Add(parameter.Groups[3].Value, Sizes.Count);
            Sizes.Add(parameter.Groups[4].Success
                ? int.Parse(parameter.Groups[4].Value, CultureInfo.InvariantCulture)
                : int.Parse(parameter.Groups[2].Value, CultureInfo.InvariantCulture) / 8);
        }

        string[] lines = [.. entry.Groups[3].Value.Split('\n').Select(static line => line.Trim().Replace('\t', ' ')).Where(static line => line.Length > 0)];
        int position = 0;
        foreach (string line in lines)
        {
            if (line.EndsWith(':'))
            {
                _labels.Add(line[..^1], position);
            }
            else if (!line.StartsWith(".reg", StringComparison.Ordinal))
            {
                position++;
            }
        }

        foreach (string line in lines.Where(static line => !line.EndsWith(':')))
        {
            if (RegisterPattern().Match(line) is { Success: true } declared)
            {
                for (int i = 0; i < int.Parse(declared.Groups[2].Value, CultureInfo.InvariantCulture); i++)
                {
                    _registers.Add($"{declared.Groups[1].Value}{i}", _registers.Count);
                }
            }
            else
            {
                Instructions.Add(line);
                _code.Add(Assemble(line.TrimEnd(';')));
            }
        }
    }

    public string Name { get; }

    /// <summary>The parameters' sizes in bytes.</summary>
    public List<int> Sizes { get; } = [];

    public List<string> Instructions { get; } = [];

    /// <summary>Runs every thread of every block, one after the other: they share nothing.</summary>
    public void Run(uint blocks, uint threads, byte[][] parameters)
    {
        for (uint block = 0; block < blocks; block++)
        {
            for (uint number = 0; number < threads; number++)
            {
                var thread = new PtxThread(_registers.Count, parameters) { Block = block, Number = number, BlockSize = threads };
                while (thread.Next >= 0)
                {
                    _code[thread.Next++](thread);
                }
            }
        }
    }

    private Action<PtxThread> Assemble(string line)
    {
        Match parts = InstructionPattern().Match(line);
        string operation = parts.Groups[3].Value;
        string[] operands = [.. OperandPattern().Matches(parts.Groups[4].Value).Select(static match => match.Value)];
        Action<PtxThread> action = operation switch
        {
            "ret" => static thread => thread.Next = -1,
            "bra" or "bra.uni" => Branch(operands[0]),
            _ => PtxMemory.TryAssemble(this, operation, operands) ?? PtxArithmetic.Assemble(this, operation, operands),
        };
        if (!parts.Groups[2].Success)
        {
            return action;
        }

        if (operation.EndsWith(".uni", StringComparison.Ordinal))
        {
            throw new NotSupportedException($"'{line}' says that all threads go the same way; on a condition that is for the hardware to find out.");
        }

        Func<PtxThread, ulong> predicate = Read(parts.Groups[2].Value);
        bool wanted = parts.Groups[1].Value != "!";
        return thread =>
        {
            if (predicate(thread) != 0 == wanted)
            {
                action(thread);
            }
        };
    }

    private Action<PtxThread> Branch(string label)
    {
        int target = _labels[label];
        return thread => thread.Next = target;
    }

    /// <summary>How to read an operand: a register, a special register, or a constant.</summary>
    public Func<PtxThread, ulong> Read(string operand)
    {
        if (_registers.TryGetValue(operand, out int register))
        {
            return thread => thread.Registers[register];
        }

        ulong constant = operand switch
        {
            _ when operand.StartsWith("0f", StringComparison.Ordinal) || operand.StartsWith("0d", StringComparison.Ordinal) =>
                ulong.Parse(operand[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            _ when long.TryParse(operand, CultureInfo.InvariantCulture, out long number) => (ulong)number,
            _ => 0,
        };
        return operand switch
        {
            "%ctaid.x" => static thread => thread.Block,
            "%tid.x" => static thread => thread.Number,
            "%ntid.x" => static thread => thread.BlockSize,
            _ when operand[0] != '%' => _ => constant,
            _ => throw new NotSupportedException($"Register {operand} is not declared."),
        };
    }

    public int Register(string operand) =>
        _registers.TryGetValue(operand, out int register) ? register : throw new NotSupportedException($"Register {operand} is not declared.");

    public bool TryFindParameter(string name, out int index) => _parameters.TryGetValue(name, out index);

    [GeneratedRegex(@"\.visible \.entry (\w+)\((.*?)\)\s*\{(.*)\}", RegexOptions.Singleline)]
    private static partial Regex EntryPattern();

    [GeneratedRegex(@"\.param (\.align \d+ )?\.[bfsu](\d+) (\w+)(?:\[(\d+)\])?")]
    private static partial Regex ParameterPattern();

    [GeneratedRegex(@"^\.reg \.\w+ (%\w+)<(\d+)>;$")]
    private static partial Regex RegisterPattern();

    [GeneratedRegex(@"^(?:@(!?)(%p\d+) )?([\w.]+)\s*(.*)$")]
    private static partial Regex InstructionPattern();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|[^,\s]+")]
    private static partial Regex OperandPattern();
}
