using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>Which segment of a model a parameter belongs to.</summary>
internal static class ModelBlocks
{
    /// <summary>The block of each parameter by its name: that of the first segment that has it (a tied weight has two), or its own where none has.</summary>
    public static Func<string, string> Of(Model model)
    {
        var owners = new Dictionary<nint, string>();
        for (int i = 0; i < model.Segments.Count; i++)
        {
            foreach ((string _, Parameter parameter) in ((nn.Module)model.Segments[i]).named_parameters())
            {
                owners.TryAdd(Identity(parameter), $"segment {i}");
            }
        }

        var blocks = model.named_parameters().ToDictionary(
            entry => entry.name, entry => owners.GetValueOrDefault(Identity(entry.parameter), entry.name), StringComparer.Ordinal);
        return name => blocks.GetValueOrDefault(name, name);
    }

    // Two wrappers of one tensor have two handles, which point to the same implementation.
    public static nint Identity(Parameter parameter)
    {
        nint identity = Marshal.ReadIntPtr(parameter.Handle);
        GC.KeepAlive(parameter);
        return identity;
    }
}
