using System.Text.RegularExpressions;

namespace Descent.Gpu;

/// <summary>A kernel as text for the driver.</summary>
/// <param name="Name">The entry's name.</param>
/// <param name="Text">The whole module.</param>
internal sealed partial record PtxKernel(string Name, string Text)
{
    /// <summary>
    /// Leaves out the functions before the entry: ILGPU writes an empty one for each instruction of ours, and nothing calls them.
    /// </summary>
    public static PtxKernel FromAssembly(string assembly)
    {
        Match entry = Entry().Match(assembly);
        int functions = assembly.IndexOf(".visible .func", StringComparison.Ordinal);
        string text = functions >= 0 && functions < entry.Index ? assembly[..functions] + assembly[entry.Index..] : assembly;
        return new PtxKernel(entry.Groups[1].Value, text);
    }

    [GeneratedRegex(@"\.visible \.entry (\w+)\(")]
    private static partial Regex Entry();
}
