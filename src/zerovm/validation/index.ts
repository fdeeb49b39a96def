/** Program files judged by their structure and code, without running them. */
export {
  type FileFinding,
  type FileVerdict,
  type ValidateFileOptions,
  validateFile,
} from "./validate-file.ts";
