import { double, posthorn } from "../../lib/posthorn";

export const dynamic = "force-dynamic";

export async function POST(request: Request): Promise<Response> {
  const { quantity } = (await request.json()) as { quantity: number };
  const { jobId } = await (await posthorn()).enqueue(double, quantity);
  return Response.json({ jobId }, { status: 202 });
}

export async function GET(request: Request): Promise<Response> {
  const jobId = new URL(request.url).searchParams.get("job") ?? "";
  const { status, result } = await (await posthorn()).result(double, jobId, "20s");
  return Response.json({ status, result });
}
