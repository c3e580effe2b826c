using Descent.Optimizers;

namespace Descent.Torch;

/// <summary>What the tensors of an encoded state are called: <c>exp_avg.int8</c> holds the codes of <c>exp_avg</c>, <c>exp_avg.int8.scales</c> their scales.</summary>
internal static class EncodedName
{
    private const string ScalesSuffix = ".scales";

    public static string Codes(string state, StateFormat format) => $"{state}.{StateCodec.Of(format).Name}";

    public static string Scales(string state, StateFormat format) => Codes(state, format) + ScalesSuffix;

    /// <summary>The state and its format; a plain name is one of <see cref="StateFormat.Float32"/>.</summary>
    public static (string State, StateFormat Format) Parse(string name)
    {
        string codes = name.EndsWith(ScalesSuffix, StringComparison.Ordinal) ? name[..^ScalesSuffix.Length] : name;
        foreach (StateCodec codec in StateCodec.All)
        {
            if (codec.HasScales && codes.EndsWith($".{codec.Name}", StringComparison.Ordinal))
            {
                return (codes[..^(codec.Name.Length + 1)], codec.Format);
            }
        }

        return (name, StateFormat.Float32);
    }
}
