
// One test at a time: which kernels fused optimizers use is a choice of the whole process.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]
