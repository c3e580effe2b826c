using System.Runtime.InteropServices;
using Descent.Optimizers;

namespace Descent.Gpu.Tests.Comparing;

/// <summary>Copies to bytes of this process from an address on the card, after all work that was given to it.</summary>
internal delegate void Download(nint source, Span<byte> target);

/// <summary>A copy of every block on a card, guards included, each tensor at the same distance from a multiple of 256 bytes.</summary>
internal sealed unsafe class CardMemory : IMirror
{
    private const int Device = 0;

    private readonly ILauncher _launcher;
    private readonly Download _download;
    private readonly List<(nint Host, int Bytes, SafeHandle Card)> _blocks = [];

    public CardMemory(HostTensors tensors, ILauncher launcher, Download download)
    {
        (_launcher, _download) = (launcher, download);
        foreach ((nint host, int bytes) in tensors.Blocks)
        {
            _blocks.Add((host, bytes, launcher.Allocate(Device, (nuint)bytes)));
        }

        Slots = [.. tensors.Slots.Select(slot => slot with
        {
            Parameter = OnCard(slot.Parameter),
            Gradient = OnCard(slot.Gradient),
            State0 = OnCard(slot.State0),
            State1 = OnCard(slot.State1),
            State2 = OnCard(slot.State2),
            State3 = OnCard(slot.State3),
        })];
    }

    public TensorSlot[] Slots { get; }

    public void Send()
    {
        foreach ((nint host, int bytes, SafeHandle card) in _blocks)
        {
            _launcher.Upload(Device, card.DangerousGetHandle(), new ReadOnlySpan<byte>((void*)host, bytes));
        }
    }

    public void Fetch()
    {
        foreach ((nint host, int bytes, SafeHandle card) in _blocks)
        {
            _download(card.DangerousGetHandle(), new Span<byte>((void*)host, bytes));
        }
    }

    public void Dispose()
    {
        foreach ((_, _, SafeHandle card) in _blocks)
        {
            card.Dispose();
        }
    }

    private void* OnCard(void* host)
    {
        if (host == null)
        {
            return null;
        }

        (nint start, _, SafeHandle card) = _blocks.Single(block => (nint)host >= block.Host && (nint)host < block.Host + block.Bytes);
        return (void*)(card.DangerousGetHandle() + ((nint)host - start));
    }
}
