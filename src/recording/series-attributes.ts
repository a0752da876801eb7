import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  type AttributesOf,
  type METRIC_STORAGE_OPERATION_SLOW,
  type StoragePrimitive,
} from "../../semconv/index.ts";
import type { Instance } from "./instance.ts";
import type { OperationInfo } from "./operation-info.ts";

/** Returns the identifying attributes of the series of an operation, whatever the series measure. */
export const identityOf = (
  { attributes }: Instance,
  { name, summary, collection }: OperationInfo,
): AttributesOf<typeof METRIC_STORAGE_OPERATION_SLOW> => ({
  ...attributes,
  [ATTR_DB_OPERATION_NAME]: name,
  [ATTR_DB_QUERY_SUMMARY]: summary,
  [ATTR_DB_COLLECTION_NAME]: collection,
});

/** Returns the kind of data that an operation works with; undefined if that is not known. */
export const primitiveOf = ({ primitive }: Instance, { hook }: OperationInfo): StoragePrimitive | undefined =>
  hook?.primitive ?? primitive;
