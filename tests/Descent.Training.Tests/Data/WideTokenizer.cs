using System.Buffers;
using Descent.Training.Data;

namespace Descent.Training.Tests.Data;

/// <summary>As many tokens as asked for, a byte each; for tests that bring tokens of their own.</summary>
internal sealed class WideTokenizer(int size) : ITokenizer
{
    public string Name => "wide";

    public int VocabularySize => size;

    public int ByteLength(int token) => 1;

    public void Encode(ReadOnlySpan<byte> utf8, IBufferWriter<int> tokens) => throw new NotSupportedException();

    public string Decode(ReadOnlySpan<int> tokens) => throw new NotSupportedException();

    public void Save(string folder) => throw new NotSupportedException();
}
