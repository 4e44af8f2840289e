import { posthorn, square } from "../../lib/posthorn";

export async function GET(request: Request): Promise<Response> {
  const opened = await posthorn();
  const { jobId } = await opened.enqueue(square, Number(new URL(request.url).searchParams.get("of")));
  const { status, result, error } = await opened.result(square, jobId, "20s");
  return Response.json({ status, result, error });
}
