using Descent.Training.Models;
using TorchSharp.Modules;

namespace Descent.Training.Memory;

/// <summary>Which segment a parameter's update belongs to: the first that has it, where backward arrives last. What none has goes with the first.</summary>
internal static class SegmentOwners
{
    public static IEnumerable<(string Name, Parameter Parameter, int Segment)> Of(Model model)
    {
        var owners = new Dictionary<nint, int>();
        for (int i = 0; i < model.Segments.Count; i++)
        {
            foreach (Parameter parameter in model.Segments[i].parameters())
            {
                owners.TryAdd(ModelBlocks.Identity(parameter), i);
            }
        }

        return model.named_parameters().Select(entry => (entry.name, entry.parameter, owners.GetValueOrDefault(ModelBlocks.Identity(entry.parameter), 0)));
    }
}
