import { malformed } from "./byte-reader.ts";
import type {
  CustomSectionShape,
  ExportShape,
  ExternKind,
  ImportShape,
  MemoryShape,
  ModuleShape,
  SectionShape,
  Signature,
  TableShape,
} from "./module-shape.ts";

/** Whether the text of a type is that of a function type. */
export function isSignature(type: string): boolean {
  return type.includes("->");
}

/** What was read of a module so far; becomes its `ModuleShape` at the end. */
export class IndexSpaces {
  types: string[] = [];
  readonly imports: ImportShape[] = [];
  readonly importedFunctionTypes: Signature[] = [];
  /** Type index of each function with a body. */
  functionTypes: Uint32Array = new Uint32Array(0);
  readonly memories: MemoryShape[] = [];
  readonly tables: TableShape[] = [];
  globalCount = 0;
  tagCount = 0;
  readonly exports: ExportShape[] = [];
  startFunction: number | undefined;
  elementCount = 0;
  declaredDataCount: number | undefined;
  dataCount = 0;
  codeCount = 0;
  codeBytes = 0;
  dataBytes = 0;
  readonly customSections: CustomSectionShape[] = [];
  readonly sections: SectionShape[] = [];

  count(kind: ExternKind): number {
    switch (kind) {
      case "function":
        return this.importedFunctionTypes.length + this.functionTypes.length;
      case "table":
        return this.tables.length;
      case "memory":
        return this.memories.length;
      case "global":
        return this.globalCount;
      case "tag":
        return this.tagCount;
    }
  }

  /** @throws ZvmError when there is no such thing. */
  checkIndex(kind: ExternKind, index: number, offset: number): void {
    const count = this.count(kind);
    if (index < count) return;
    throw malformed(offset, `there is no ${kind} ${index}`, `an index below ${count}`);
  }

  /** The signature of a function type. @throws ZvmError when the index names none. */
  signature(typeIndex: number, offset: number): Signature {
    const type = this.types[typeIndex];
    if (type !== undefined && isSignature(type)) return type;
    throw malformed(
      offset,
      `type ${typeIndex} is no function type`,
      "the index of a function type",
    );
  }

  signatureOfFunction(index: number, offset: number): Signature {
    const imported = this.importedFunctionTypes[index];
    if (imported !== undefined) return imported;
    const typeIndex = this.functionTypes[index - this.importedFunctionTypes.length];
    return this.signature(typeIndex ?? -1, offset);
  }

  toShape(sizeBytes: number): ModuleShape {
    return {
      sizeBytes,
      types: this.types,
      imports: this.imports,
      exports: this.exports,
      memories: this.memories,
      tables: this.tables,
      ...(this.startFunction === undefined ? {} : { startFunction: this.startFunction }),
      functionCount: this.functionTypes.length,
      globalCount: this.globalCount,
      tagCount: this.tagCount,
      elementCount: this.elementCount,
      dataCount: this.dataCount,
      codeBytes: this.codeBytes,
      dataBytes: this.dataBytes,
      customSections: this.customSections,
      sections: this.sections,
    };
  }
}
